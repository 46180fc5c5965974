"""What a model's page and its run's report weigh, and whether the page writes what we write.

`python -m benchmarks.elsewhere.takehome RUN [RUN ...]` measures the best checkpoint of runs of the
home folder, and the recorded model of the five-minute preset in any case; it also tells how fast
the page writes. It needs Chromium. With `--roundings` it counts the texts that stay the same if
weights are rounded in other ways, and with `--sums` how many the page's model.js writes as we do if
weights keep more bits, or if it adds in float64.
"""

from __future__ import annotations

import argparse
import base64
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from tests.browser import ARGUMENTS, required_chromium
from tinylm import recorded
from tinylm.config import RunConfig
from tinylm.corpora import load
from tinylm.evaluation.context import prompt_ids
from tinylm.export.base import ExportedRun
from tinylm.export.page import model_page
from tinylm.export.report import FORMAT as REPORT
from tinylm.export.takehome.rendering import our_own
from tinylm.home import home_dir
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT
from tinylm.runs.exporting import exported_run
from tinylm.runs.service import Service
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.stored_model import read_model

TOKENS = 100
ODD = (
    "Zoë naïve 日本 🗺️ e\u0301te\u0301",
    "  two\n\n\t lines ’s, it's 1234",
    "घर में सोता है",
    "\ufeffx\u2028 y",
)
SHAPE = ("n_layer", "n_head", "n_embd", "block_size", "vocab_size")
PROMPTS = 100  # for each model, unless others are asked for
SPEED_TRIES = 9
WRITE = """async (texts) => {
    const made = await ready;
    return texts.map((text) => [made.ids(text), made.greedy(text, 100)]);
}"""
SPEED = """async () => {
    const began = performance.now();
    (await ready).greedy("The capital of", 100);
    return 100 / ((performance.now() - began) / 1000);
}"""
VARIANTS = (  # bits of a weight, and the type of all arrays
    *((24, "Float32Array"), (24, "Float64Array")),
    *((28, "Float32Array"), (28, "Float64Array"), (32, "Float64Array")),
)
CONTINUE = """([shape, names, lengths, packed, prompts]) => {
    const bytes = Uint8Array.from(atob(packed), (one) => one.charCodeAt(0));
    const numbers = ARRAY.from(new Float32Array(bytes.buffer)), weights = {};
    let start = 0;
    names.forEach((name, i) => {
        weights[name] = numbers.subarray(start, start += lengths[i]);
    });
    return prompts.map((ids) => [...continued(new Model(shape, weights), ids, 100)]);
}"""
Model = tuple[GPT, Tokenizer, RunConfig]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", help="ids of runs in the home folder")
    parser.add_argument("--roundings", action="store_true", help="compare ways to round weights")
    parser.add_argument("--sums", action="store_true", help="compare bits of weights, and sums")
    parser.add_argument("--prompts", type=int, default=PROMPTS, help="texts that are compared")
    given = parser.parse_args()
    torch.set_num_threads(1)
    for run in _runs(given.runs):
        model = read_model(run.folder, run.step)
        prompts = _prompts(model[2].corpus, given.prompts)
        print(run.title, _in_browser(run, model, prompts), sep=": ", flush=True)
        if run.folder != recorded.FOLDER:
            (report,) = REPORT.files(run).values()
            print(f"  its report has {len(report):,} bytes")
        if given.roundings:
            for name, rounded in ROUNDINGS.items():
                print(
                    f"  {name}: {_same(model, prompts, rounded)} of {len(prompts)} texts the same"
                )
        if given.sums:
            _compare_sums(model, prompts)


def _runs(ids: list[str]) -> Iterator[ExportedRun]:
    yield ExportedRun(recorded.FOLDER, -1, [], [], title="recorded", own_tasks=())
    service = Service(home_dir())
    for one in ids:
        yield exported_run(service, one, service.best_step(one) or -1)


def _prompts(corpus: str, number: int) -> list[str]:
    """Beginnings of held-out texts, and some of other scripts and signs."""
    draw = random.Random(1)
    texts = draw.sample([one.text for one in load(corpus, 1).val], number - len(ODD))
    return [*ODD, *(text[: draw.randrange(5, 60)] for text in texts)]


def _in_browser(run: ExportedRun, loaded: Model, prompts: list[str]) -> str:
    from playwright.sync_api import sync_playwright

    model, tokenizer, _ = loaded
    page = model_page(run, *loaded)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "page.html"
        file.write_bytes(page)
        browser = driver.chromium.launch(executable_path=required_chromium(), args=ARGUMENTS)
        window: Any = browser.new_page()
        window.goto(file.as_uri())
        opened = window.evaluate("async () => { await ready; return performance.now(); }")
        found = window.evaluate(WRITE, prompts)
        speed = median(window.evaluate(SPEED) for _ in range(SPEED_TRIES))
        browser.close()
    same = 0
    for prompt, (ids, theirs) in zip(prompts, found, strict=True):
        if ids != prompt_ids(tokenizer, prompt):
            raise SystemExit(f"other ids of {prompt!r}")
        ours = generate(model, ids, TOKENS, temperature=0)
        same += ours == theirs
        if ours != theirs:
            print(f"  {prompt!r} parts where {_margin(model, ids, ours, theirs)}")
    return (
        f"{model.num_parameters:,} weights, {len(page):,} bytes, {same} of {len(prompts)} texts of "
        f"{TOKENS} tokens the same, {speed:,.0f} tokens a second, open after {opened:,.0f} ms"
    )


def _compare_sums(loaded: Model, prompts: list[str]) -> None:
    """Print how many texts the page's forward pass writes as we do, for each of VARIANTS."""
    from playwright.sync_api import sync_playwright

    model, tokenizer, _ = loaded
    ids = [prompt_ids(tokenizer, text) for text in prompts]
    ours = [generate(model, one, TOKENS, temperature=0) for one in ids]
    shape = {name: getattr(model.config, name) for name in SHAPE}
    state = {name: one.detach().float() for name, one in model.named_parameters()}
    lengths = [one.numel() for one in state.values()]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=required_chromium(), args=ARGUMENTS)
        for bits, array in VARIANTS:
            numbers = b"".join(_kept(one, bits).numpy().tobytes() for one in state.values())
            window: Any = browser.new_page()
            window.add_script_tag(content=our_own("model.js").replace("Float32Array", array))
            asked = CONTINUE.replace("ARRAY", array)
            packed = base64.b64encode(numbers).decode()
            found = window.evaluate(asked, [shape, list(state), lengths, packed, ids])
            same = sum(a == b for a, b in zip(ours, found, strict=True))
            print(f"  {bits} bits, {array}: {same} of {len(prompts)} texts the same", flush=True)
            window.close()
        browser.close()


def _margin(model: GPT, ids: list[int], ours: list[int], theirs: list[int]) -> str:
    """By how much the logits of two greedy texts differ where they part."""
    at = next(i for i, pair in enumerate(zip(ours, theirs, strict=True)) if len(set(pair)) > 1)
    context, size = list(ids), model.config.block_size
    for token in ours[:at]:  # as in `stream`
        context = [*context, token]
        context = context[size // 2 :] if len(context) > size else context
    with torch.inference_mode():
        logits = model(torch.tensor([context]))[0, -1]
    return f"two logits differ by {(logits[ours[at]] - logits[theirs[at]]).item():.1e}"


def _same(loaded: Model, prompts: list[str], rounded: Callable[[Tensor], Tensor]) -> int:
    """How many greedy texts a model with rounded weights shares with the model as it is."""
    model, tokenizer, _ = loaded
    changed = GPT(model.config)
    changed.load_state_dict({name: rounded(one) for name, one in model.state_dict().items()})
    changed.eval()
    ids = [prompt_ids(tokenizer, text) for text in prompts]
    write = [[generate(one, i, TOKENS, temperature=0) for i in ids] for one in (model, changed)]
    return sum(a == b for a, b in zip(*write, strict=True))


def _by_row(weight: Tensor) -> Tensor:
    """Whole numbers of 8 bits, with a scale for each row of a matrix."""
    if weight.dim() < 2:
        return weight
    scale = weight.abs().amax(dim=1, keepdim=True) / 127
    return (weight / scale).round() * scale


def _kept(weight: Tensor, bits: int = 24) -> Tensor:
    """The first bits of the 32, rounded; the page has 24."""
    rest = (1 << 32 - bits) - 1  # what is left out
    return ((weight.view(torch.int32) + (rest + 1) // 2) & ~rest).view(torch.float32)


ROUNDINGS: dict[str, Callable[[Tensor], Tensor]] = {
    "24 bits, as in the page": _kept,
    "half precision": lambda weight: weight.half().float(),
    "8 bits by row": _by_row,
}

if __name__ == "__main__":
    main()

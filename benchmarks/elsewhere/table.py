"""One run's figures by tinylm, transformers, lm-evaluation-harness and llama.cpp, side by side.

    TINYLM_LLAMA=FOLDER python -m benchmarks.elsewhere.table RUN

The texts of the loss and the prompts of the tasks are those of `export --format lm-eval`. In
transformers and llama.cpp the most probable tokens are written up to the end of an answer. The last
lines compare ids and greedy texts. Each program runs on one thread.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.elsewhere import llama
from tinylm.corpora import load
from tinylm.evaluation.context import prompt_ids
from tinylm.evaluation.tasks import Task
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks.base import spread
from tinylm.export import ExportedRun, Format, format_named, write_export
from tinylm.export.harness import harness_files
from tinylm.home import home_dir, run_dir
from tinylm.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from tinylm.model.gpt import GPT

PROGRAMS = ("tinylm", "transformers", "lm_eval", "llama.cpp")
STRINGS = 10_000
PROMPTS, BEGUN = 50, 20  # greedy texts, and the tokens that each begins with
Row = dict[str, Any]


@dataclass(frozen=True)
class Exports:
    """A run in three formats, and what they hold."""

    folder: Path

    @property
    def hf(self) -> Path:
        return self.folder / "hf"

    @property
    def gguf(self) -> Path:
        return self.folder / "gguf" / "model.gguf"

    @property
    def tasks(self) -> Path:
        return self.folder / "lm-eval"

    def items(self, name: str) -> list[Row]:
        lines = (self.tasks / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def longest(self, name: str) -> int:
        """How many tokens an answer may have in lm-evaluation-harness."""
        found = re.search(r'"max_gen_toks": (\d+)', (self.tasks / f"{name}.yaml").read_text())
        return int(found[1]) if found else 0


def shares(exports: Exports, name: str, tokenizer: Tokenizer, answered: list[list[int]]) -> float:
    """The share of exact matches among answers of a program, in ids up to their end."""
    items = exports.items(name)
    said = [tokenizer.decode(ids).strip() for ids in answered]
    return sum(a == item["answer"].strip() for a, item in zip(said, items, strict=True)) / len(said)


def bits(texts: Sequence[str], nats: float) -> float:
    return -nats / math.log(2) / sum(len(text.encode("utf-8")) for text in texts)


def by_lm_eval(exports: Exports, names: Sequence[str]) -> dict[str, float]:
    import lm_eval
    from lm_eval.tasks import TaskManager

    results = lm_eval.simple_evaluate(
        model="hf",
        model_args=f"pretrained={exports.hf},dtype=float32",
        tasks=[f"tinylm_{name}" for name in names],
        device="cpu",
        batch_size=16,
        bootstrap_iters=0,
        log_samples=False,
        task_manager=TaskManager(include_path=str(exports.tasks), include_defaults=False),
    )["results"]
    return {
        name: float(next(v for k, v in results[f"tinylm_{name}"].items() if k.endswith(",none")))
        for name in names
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--tasks", default="facts,moods,questions,kinds")
    parser.add_argument("--num-fewshot", default="0,1,4,8")
    parser.add_argument("--limit", type=int, default=0, help="items of a task; 0: all")
    parser.add_argument("--documents", type=int, default=500, help="validation texts")
    parser.add_argument("--written", type=int, default=100, help="tokens of each greedy text")
    options = parser.parse_args()
    from tinylm.training.stored_model import read_model

    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE"):
        os.environ[name] = "1"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HF_DATASETS_CACHE"] = f"{folder}/cache"
        exports = Exports(Path(folder))
        run = ExportedRun(run_dir(home_dir(), options.run), -1, [], [])
        model, tokenizer, config = read_model(run.folder, run.step)
        chosen = [find_task(config.corpus, name, home_dir()) for name in options.tasks.split(",")]
        tasks = [
            replace(one, test=tuple(spread(one.test, options.limit or len(one.test))))
            for one in chosen
        ]
        texts = [one.text for one in load(config.corpus, 1).val[: options.documents]]
        files = harness_files(tuple(tasks), texts, tokenizer, model.config.block_size, options.run)
        write_export(format_named("hf"), run, exports.hf)
        write_export(format_named("gguf"), run, exports.gguf.parent)
        write_export(Format(0, "", "", lambda run: files), run, exports.tasks)
        written = min(options.written, model.config.block_size - BEGUN)  # within the context
        compare(model, tokenizer, exports, tasks, options.num_fewshot.split(","), written)


def compare(
    model: GPT,
    tokenizer: Tokenizer,
    exports: Exports,
    tasks: list[Task],
    shots: list[str],
    written: int,
) -> None:
    """Print the table, and how many ids and greedy texts of `written` tokens are the same."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from tinylm.evaluation.measure import measure
    from tinylm.evaluation.scoring import log_likelihoods
    from tinylm.model.generate import generate

    torch.set_num_threads(1)
    size = model.config.block_size
    theirs = AutoModelForCausalLM.from_pretrained(exports.hf, dtype=torch.float32)
    reader = AutoTokenizer.from_pretrained(exports.hf)
    names = [f"{task.name}_k{k}" for task in tasks for k in shots]
    texts = [item["text"] for item in exports.items("loss")]
    rows = [[0, *tokenizer.encode(text)] for text in texts]
    end = tokenizer.encode("\n")[0]

    def greedy_here(ids: list[int], count: int, stops: Sequence[int]) -> list[int]:
        """What transformers writes, with its own `generate`."""
        found = theirs.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.int64),  # the separator is read too
            do_sample=False,
            max_new_tokens=count,
            eos_token_id=list(stops),
        )[0].tolist()[len(ids) :]
        return found[:-1] if found and found[-1] in stops else found

    asked = [
        llama.Greedy(prompt_ids(tokenizer, item["prompt"]), exports.longest(name), [end, 0])
        for name in names
        for item in exports.items(name)
    ]
    starts = [row[:BEGUN] for row in rows if len(row) > BEGUN][:PROMPTS]
    long = [llama.Greedy(ids, written) for ids in starts]
    strings = random_strings(STRINGS)
    there = llama.ask(
        exports.gguf, size, texts=[*strings, *texts], greedy=[*asked, *long], likely=rows
    )

    with torch.no_grad():

        def likely(row: list[int]) -> float:
            odds = theirs(torch.tensor([row[:-1]])).logits[0].log_softmax(-1)
            return float(odds.gather(1, torch.tensor(row[1:])[:, None]).sum())

        their_nats = sum(likely(row) for row in rows)
    lm_eval = by_lm_eval(exports, [*names, "loss"])
    figures: list[tuple[str, int, list[float]]] = [
        (
            "bits per byte",
            len(texts),
            [
                bits(texts, sum(log_likelihoods(model, tokenizer, texts))),
                bits(texts, their_nats),
                lm_eval["loss"],
                bits(texts, sum(sum(one) for one in there.likely)),
            ],
        )
    ]
    answers = iter(there.greedy)
    requests = iter(asked)
    for task in tasks:
        for k in shots:
            name = f"{task.name}_k{k}"
            number = len(exports.items(name))
            here = [next(requests) for _ in range(number)]
            found = [greedy_here(one.ids, one.count, one.stops) for one in here]
            by_llama = [next(answers) for _ in range(number)]
            own = measure(model, tokenizer, task, num_fewshot=int(k), ranked=False)
            figures.append(
                (
                    f"{task.name}, k = {k}",
                    number,
                    [
                        own.accuracy,
                        shares(exports, name, tokenizer, found),
                        lm_eval[name],
                        shares(exports, name, tokenizer, by_llama),
                    ],
                )
            )
    print(f"| | n | {' | '.join(PROGRAMS)} |\n|{'---|' * 6}")
    for title, number, values in figures:
        print(f"| {title} | {number} | {' | '.join(f'{one:.4f}' for one in values)} |")
    report(strings, texts, tokenizer, reader, there)
    ours = [generate(model, ids, written, temperature=0) for ids in starts]
    never = tokenizer.vocab_size  # so that texts go on behind the separator of documents
    for program, write in (
        ("transformers", [greedy_here(ids, written, [never]) for ids in starts]),
        ("llama.cpp", list(answers)),
    ):
        same = sum(a == b for a, b in zip(ours, write, strict=True))
        print(f"- greedy texts of {written} tokens, {program}: {same} of {len(ours)} the same")


def report(
    strings: list[str], texts: list[str], tokenizer: Tokenizer, reader: Any, there: llama.Answers
) -> None:
    """How many texts get the same ids."""
    everything = [*strings, *texts]
    ours = tokenizer.encode_batch(everything)
    hf = reader(everything, add_special_tokens=False)["input_ids"]
    parts: dict[str, Callable[[int], bool]] = {
        "random strings": lambda i: i < len(strings),
        "validation texts": lambda i: i >= len(strings),
    }
    for part, belongs in parts.items():
        chosen = [i for i in range(len(everything)) if belongs(i)]
        for program, theirs in (("transformers", hf), ("llama.cpp", there.ids)):
            other = [i for i in chosen if theirs[i] != ours[i]]
            print(f"- ids of {len(chosen):,} {part}, {program}: {len(other)} differ")
            for i in other[:5]:
                print(f"    {everything[i]!r}: {ours[i]} and {theirs[i]}")


def random_strings(number: int) -> list[str]:
    """Strings of all of Unicode, of control characters, of few letters, and of all of these."""
    draw = random.Random(1)
    everything = [chr(i) for i in range(1, 0x110000) if not 0xD800 <= i < 0xE000]
    alphabets = [everything, everything[:0x24F], everything[:31], [*"ab '"], [*"the anrs,.\n1"]]
    alphabets.append([*"eaघरে", *"\u0301\u0308\u200d\u00a0\u0085", *everything[:31]])
    mixed = [one for alphabet in alphabets for one in draw.sample(alphabet, min(30, len(alphabet)))]
    return [
        "".join(draw.choices(draw.choice([*alphabets, mixed]), k=draw.randint(0, 40)))
        for _ in range(number)
    ]


if __name__ == "__main__":
    main()

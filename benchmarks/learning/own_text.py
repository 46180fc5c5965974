"""What the recipe changes for texts of one's own, beside the presets and beside a small sweep.

    python -m benchmarks.learning.own_text FILE ... [--presets glance,quick] [--seeds 1,2,3]
        [--parts before,after,sweep]

Each file becomes an own text in a home folder of this command. `before` trains with the settings
of the preset and `after` with those of the recipe, each with every seed; `sweep` changes the recipe
in one thing at a time (SWEEP), with the first seed. Prints a row in Markdown for each training:
bits per byte at the best and at the last validation of the same held-out text, the longest span
of samples that stands word for word in the text, updates, and processor seconds of one thread,
with preparation. Samples are written by the model that later pages use: the last one of `before`,
and the best one of the others.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tinylm import speed
from tinylm.answers.engine import answer
from tinylm.config import RunConfig, with_changes
from tinylm.corpora.recipes import recipe_for
from tinylm.corpora.sources.uploads import save_upload
from tinylm.events import EvalDone, Event
from tinylm.openmp import share_processors
from tinylm.presets import preset_config
from tinylm.questions.corpora import Copied
from tinylm.questions.models import Sample
from tinylm.runs.service import Service
from tinylm.setting import Value

SAMPLES = 5  # texts of SAMPLE_TOKENS tokens each, in which copies are looked for
SAMPLE_TOKENS = 200
LEAST_WORDS = 4
# What is changed in the recipe: a setting, by a factor.
SWEEP: tuple[Mapping[str, float], ...] = (
    {"n_embd": 0.5},
    {"vocab_size": 0.5},
    {"vocab_size": 2.0},
    {"steps": 0.5},
    {"steps": 2.0},
    {"learning_rate": 0.5, "muon_lr": 0.5},
    {"learning_rate": 2.0, "muon_lr": 2.0},
)
LIMITS = {"vocab_size": (256, 4096, 256), "n_embd": (32, 512, 32), "steps": (1, 100_000, 1)}
HEADS = (
    "| text | preset | settings | seed | best bits per byte, at step | last bits per byte | "
    "last validation loss | last training loss | longest copy, words | updates | processor s |"
)


def main() -> None:
    """Every text, preset and seed, one after the other."""
    options = _options()
    share_processors()
    speed.compile_once()
    print(_machine())
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        service.run_here(preset_config("tiny", documents=200, steps=2, threads=1))  # loads all code
        for path in options.files:
            data = path.read_bytes()
            name = save_upload(data, path.stem, service.home).name
            digest = hashlib.sha256(data).hexdigest()
            print(f"\n{path.name}: {len(data):,} bytes, SHA-256 {digest}\n\n{HEADS}")
            print("|" + " --- |" * HEADS.count(" | ") + " --- |", flush=True)
            for preset in options.presets.split(","):
                _one_text(service, name, path.stem, preset, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--presets", default="glance,quick")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--parts", default="before,after")
    return parser.parse_args()


def _machine() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return f"{platform.platform()}, {platform.processor() or platform.machine()}, commit {commit}"


def _one_text(
    service: Service, name: str, title: str, preset: str, options: argparse.Namespace
) -> None:
    """The rows of one text and one preset."""
    before = preset_config(preset, corpus=name)
    after = recipe_for(name, preset, service.home).config
    seeds = [int(seed) for seed in options.seeds.split(",")]
    for part, config in {"before": before, "after": after}.items():
        for seed in seeds if part in options.parts.split(",") else ():
            _row(service, config, (title, preset, part, str(seed)), seed)
    for factors in SWEEP if "sweep" in options.parts.split(",") else ():
        changed = with_changes(after, _scaled(after, factors))
        words = ", ".join(f"{setting} × {factor:g}" for setting, factor in factors.items())
        _row(service, changed, (title, preset, words, str(seeds[0])), seeds[0])


def _scaled(config: RunConfig, factors: Mapping[str, float]) -> dict[str, Value]:
    """The settings of `config` times these factors, within what is allowed."""
    found: dict[str, Value] = {}
    for setting, factor in factors.items():
        part = config.model if hasattr(config.model, setting) else config.train
        value = getattr(part, setting) * factor
        if setting in LIMITS:
            low, high, unit = LIMITS[setting]
            value = min(high, max(low, round(value / unit) * unit))
        found[setting] = value
    if "steps" in found:
        found["eval_interval"] = found["checkpoint_interval"] = max(1, int(found["steps"]) // 12)
    return found


def _row(service: Service, config: RunConfig, words: tuple[str, ...], seed: int) -> None:
    """Train, and print the row."""
    config = with_changes(config, {"seed": seed, "threads": 1})
    evals: list[EvalDone] = []

    def note(event: Event) -> None:
        if isinstance(event, EvalDone) and event.step:
            evals.append(event)

    began = time.process_time()
    run = service.run_here(config, on_event=note)
    seconds = time.process_time() - began
    if run.status != "done":
        print(f"| {' | '.join(words)} | {run.status}: {run.error} |", flush=True)
        return
    started = service.told(run.id).started
    regular = [one for one in evals if started and one.num_tokens == started.val_tokens]
    best, last = min(regular, key=lambda one: one.loss), evals[-1]
    used = service.checkpoints(run.id)[-1] if "before" in words else service.best_step(run.id)
    copy = _longest_copy(service, run.id, used or 0, config)
    print(
        f"| {' | '.join(words)} | {best.bits_per_byte:.3f}, {best.step} | "
        f"{last.bits_per_byte:.3f} | {last.loss:.3f} | {run.last_loss or 0:.2f} | {copy} | "
        f"{run.step} | {seconds:.1f} |",
        flush=True,
    )


def _longest_copy(service: Service, run: str, step: int, config: RunConfig) -> int:
    """The most words in a row that samples share with a document of the training text."""
    longest = 0
    for seed in range(1, SAMPLES + 1):
        sample = Sample(run, step, prompt="", num_tokens=SAMPLE_TOKENS, seed=seed)
        text = answer(sample, service.home).text
        found = answer(Copied(config.corpus, text, config.documents, LEAST_WORDS), service.home)
        longest = max(longest, found.longest.words if found.longest else 0)
    return longest


if __name__ == "__main__":
    main()

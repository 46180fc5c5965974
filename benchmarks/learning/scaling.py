"""Foretelling a larger run: what was tried, on the made world and on other texts.

    python -m benchmarks.learning.scaling --keep FOLDER [--corpus world] [--seeds 11,12,13]
        [--widths 64] [--steps 112,225,320,450,1800] [--record]

For each seed and width trains runs of these lengths, the shortest first. Before the last one
begins, each method writes down what it foretells of it. Prints all of them as a table in Markdown.
FOLDER keeps a JSON file of each run and each guess; what stands there is not trained again. A
corpus is named as in `train --corpus`, or is a text file. Without a true entropy, the lines go
through the loss itself.

`--record` writes data/recorded/experiments/scale.json from runs that the experiment has as arms.
They are trained here without looks on the way, on one thread.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import platform
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.arguments import argument
from tinylm.answers.experiments.scale import Part, by_kind, measured
from tinylm.cli.corpora import corpus_name
from tinylm.cli.options import numbers
from tinylm.codec import decode, encode
from tinylm.config import RunConfig
from tinylm.corpora import load as load_corpus
from tinylm.experiments.recording import PLACE, Recording, Trial, recording
from tinylm.experiments.scale import EXPERIMENT, LOSS, through
from tinylm.presets import preset_config
from tinylm.process import usable_cores
from tinylm.training.job import TrainingJob
from tinylm.training.optimizer import Optimizer
from tinylm.training.prepare import FINAL_VALIDATION_TOKENS, prepare_pretraining
from tinylm.training.update import update

RATE = 0.018 * 128  # AdamW's rate times the width


class Run(msgspec.Struct, frozen=True):
    """One training, with its loss at the end of its schedule."""

    config: RunConfig
    parts: dict[str, Part]  # by kind of text
    parameters: int
    seconds: float  # of the processor, for the updates alone

    @property
    def tokens(self) -> int:
        return self.config.train.steps * self.config.tokens_per_step

    @property
    def loss(self) -> float:
        counted = [part.loss * part.tokens for part in self.parts.values()]
        return math.fsum(counted) / sum(part.tokens for part in self.parts.values())

    @property
    def entropy(self) -> float:
        """The true entropy; 0 where it is not known."""
        counted = [(part.entropy or 0.0) * part.tokens for part in self.parts.values()]
        return math.fsum(counted) / sum(part.tokens for part in self.parts.values())


class Method(NamedTuple):
    """A way to foretell the loss after so many tokens, and how many runs it needs."""

    foretell: Callable[[Sequence[Run], int], float]
    runs: int


def straight(last: int) -> Method:
    """One line on log-log paper through the excess of the last runs."""

    def foretell(runs: Sequence[Run], tokens: int) -> float:
        points = [(one.tokens, one.loss - one.entropy) for one in runs[-last:]]
        return runs[-1].entropy + through(points, tokens)

    return Method(foretell, last)


def by_kinds(last: int) -> Method:
    """Such a line for each kind of text, added up by the kinds' shares of the text."""

    def foretell(runs: Sequence[Run], tokens: int) -> float:
        found, counted = 0.0, 0
        for kind, part in runs[-1].parts.items():
            points = [
                (one.tokens, one.parts[kind].loss - (one.parts[kind].entropy or 0.0))
                for one in runs[-last:]
            ]
            found += part.tokens * through(points, tokens)
            counted += part.tokens
        return runs[-1].entropy + found / counted

    return Method(foretell, last)


def bent(runs: Sequence[Run], tokens: int) -> float:
    """A parabola on log-log paper through the excess of all runs, by least squares."""
    x = np.log([one.tokens for one in runs])
    y = np.log([one.loss - one.entropy for one in runs])
    return runs[-1].entropy + math.exp(np.polyval(np.polyfit(x, y, 2), math.log(tokens)))


def free_floor(runs: Sequence[Run], tokens: int) -> float:
    """E + A / D^b with all three fitted, as if the true entropy were not known."""
    x = np.array([one.tokens / runs[0].tokens for one in runs])
    y = np.array([one.loss for one in runs])
    best, found = math.inf, math.nan
    for power in np.linspace(0.05, 2, 391):
        columns = np.column_stack((np.ones(len(x)), x**-power))
        (floor, scale), *_ = np.linalg.lstsq(columns, y, rcond=None)
        off = float(((columns @ (floor, scale) - y) ** 2).sum())
        if floor > 0 and scale > 0 and off < best:
            best = off
            found = float(floor + scale * (tokens / runs[0].tokens) ** -power)
    return found


METHODS = {
    "line, last 2": straight(2),
    "line, last 3": straight(3),
    "line, last 4": straight(4),
    "parabola": Method(bent, 3),
    "E + A / D^b": Method(free_floor, 4),
    "by kind, last 2": by_kinds(2),
    "by kind, last 3": by_kinds(3),
    "by kind, last 4": by_kinds(4),
}


def settings(corpus: str, width: int, steps: int, seed: int) -> RunConfig:
    """The settings of a run of the experiment, on one thread."""
    return preset_config(
        "quick",
        corpus=corpus,
        n_embd=width,
        steps=steps,
        learning_rate=min(0.1, round(RATE / width, 4)),
        seed=seed,
        threads=1,
    )


def trained(config: RunConfig, keep: Path) -> Run:
    """The run with these settings: a kept one, or else it is trained and kept."""
    place = keep / f"run-{hashlib.sha256(encode(config).encode()).hexdigest()[:16]}.json"
    if place.exists():
        return decode(place.read_text(encoding="utf-8"), Run)
    (job,) = deque(prepare_pretraining(config, keep / place.stem, keep, resume=False), maxlen=1)
    assert isinstance(job, TrainingJob)
    optimizer, began = Optimizer(job.model, config.train), time.process_time()
    for step in range(config.train.steps):
        update(job.model, optimizer, job.batches.batch(step), step, config.train, job.precision)
    seconds = round(time.process_time() - began, 1)
    documents = load_corpus(config.corpus, 1, keep).val
    parts = by_kind(job.model, job.tokenizer, documents, FINAL_VALIDATION_TOKENS)
    run = Run(config, parts, job.model.num_parameters, seconds)
    place.write_text(encode(run), encoding="utf-8")
    return run


def guesses(runs: Sequence[Run], tokens: int) -> dict[str, float]:
    """What each method that has enough runs foretells."""
    return {
        name: method.foretell(runs, tokens)
        for name, method in METHODS.items()
        if len(runs) >= method.runs
    }


def try_all(corpus: str, width: int, steps: Sequence[int], seed: int, keep: Path) -> None:
    """Train the small runs, keep the guesses, train the last run, print how far off they are."""
    configs = [settings(corpus, width, number, seed) for number in sorted(steps)]
    small = [trained(config, keep) for config in configs[:-1]]
    tokens = configs[-1].train.steps * configs[-1].tokens_per_step
    place = keep / f"guess-{corpus}-{width}-{configs[-1].train.steps}-{seed}.json"
    if not place.exists():
        place.write_text(json.dumps(guesses(small, tokens), indent=1), encoding="utf-8")
    foretold: dict[str, float] = json.loads(place.read_text(encoding="utf-8"))
    large = trained(configs[-1], keep)
    cells = (f"{loss:.3f} ({loss / large.loss - 1:+.1%})" for loss in foretold.values())
    seconds = math.fsum(one.seconds for one in small)
    print(
        f"| {corpus}, width {width} | {seed} | {large.loss:.3f} | {' | '.join(cells)} | "
        f"{seconds:.0f} + {large.seconds:.0f} |",
        flush=True,
    )


def record(seeds: Sequence[int], keep: Path) -> None:
    """Write the recording of the experiment from the runs of its arms."""
    trials = []
    for seed in seeds:
        for arm in EXPERIMENT.arms:
            train = EXPERIMENT.config(arm, seed)
            run = trained(settings("world", train.model.n_embd, train.train.steps, seed), keep)
            figures = measured(run.parts, run.parameters)
            loss = figures.figures[LOSS].value
            trials.append(Trial(arm.name, seed, figures, val_loss=loss, tokens=run.tokens))
    head = subprocess.check_output(("git", "rev-parse", "--short", "HEAD"), text=True).strip()
    machine = f"{usable_cores()} cores, {platform.machine()}, one thread"
    today = datetime.now(UTC).date().isoformat()
    name, before = EXPERIMENT.name, recording(EXPERIMENT.name)
    seconds = before.seconds if before is not None else {}
    found = Recording(name, today, machine, head, EXPERIMENT.preset, tuple(trials), seconds)
    (PLACE / f"{name}.json").write_text(encode(found) + "\n", encoding="utf-8")


def main() -> None:
    """Every width and seed, in one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--corpus", default="world")
    parser.add_argument(
        "--seeds", type=argument(numbers("--seeds", 0, 2**31)), default=[11, 12, 13]
    )
    parser.add_argument("--widths", type=argument(numbers("--widths", 16, 512)), default=[64])
    steps = argument(numbers("--steps", 1, 100_000))
    parser.add_argument("--steps", type=steps, default=[112, 225, 320, 450, 1800])
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    if options.record:
        record(options.seeds, options.keep)
        return
    corpus = corpus_name(options.corpus, options.keep)
    fitting = [name for name, one in METHODS.items() if one.runs < len(options.steps)]
    print(f"| run | seed | measured | {' | '.join(fitting)} | processor seconds |")
    print("|---" * (len(fitting) + 4) + "|")
    for width in options.widths:
        for seed in options.seeds:
            try_all(corpus, width, options.steps, seed, options.keep)


if __name__ == "__main__":
    main()

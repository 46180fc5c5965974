r"""What full fine-tuning and LoRA forget by the time they answer equally many questions.

    python -m benchmarks.learning.equal_accuracy RUN[,RUN] [--seeds 1,2] [--labels 128] \
        [--ways "full@7e-4;lora8@4e-3"] [--half chosen|reported] [--at 0.3,0.5]

RUNs are pre-trained on the world and live in TINYLM_HOME. A way is a method and its learning
rate: `full`, or `lora` with its rank; `*2` after it doubles the updates. Every way is fine-tuned
on labelled questions from every run with every seed of labels, in a folder that is removed again.
At eight checkpoints on the way it is asked: how many of the questions it answers (k = 0), its loss
on the validation split of the pre-training text, and how well it still does what it is no longer
trained for (facts and kinds, k = 4, 120 items of each). Questions are parted in two: rates are
chosen on the items of one half, and what is reported comes from the other.

The first table shows the end of each way, the others what it has forgotten at the first moment
when it answers so many questions, on the straight line between two checkpoints.
"""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from benchmarks.learning.finetune_rates import last_step, numbers
from tinylm.answers import engine, loading
from tinylm.finetuning import finetune_config
from tinylm.home import home_dir, run_dir
from tinylm.questions.models import Loss, Score
from tinylm.training.checkpoints import CheckpointFolder

WAYS = "full@7e-4;lora8@4e-3"
HALVES = {"chosen": slice(0, None, 2), "reported": slice(1, None, 2)}
CHECKPOINTS = 8
OTHERS = 120  # items of each other task


class Moment(NamedTuple):
    """What a model can do at one checkpoint of a fine-tuning."""

    answered: float  # share of the held-out questions
    forgotten: float  # nats per token by which the loss of the pre-training text has risen
    facts: float  # accuracy with four examples
    kinds: float


def way_of(text: str) -> dict[str, Any]:
    """The settings of a way like "full@7e-4", "lora32@8e-3" or "lora8@4e-3*2"."""
    found = re.fullmatch(r"(full|lora)(\d*)@([\d.e-]+)(?:\*(\d+))?", text)
    if not found:
        raise SystemExit(f"{text!r} is no way: write full@7e-4 or lora8@4e-3, perhaps with *2.")
    method, rank, rate, longer = found.groups()
    changes: dict[str, Any] = {"method": method, "learning_rate": float(rate)}
    changes |= {"lora_rank": int(rank)} if rank else {}
    return changes | ({"longer": int(longer)} if longer else {})


def moment(home: Path, run: str, step: int, half: slice, before: float) -> Moment:
    """What a checkpoint can do, on one half of the questions; `before` is the base's loss."""
    asked = engine.answer(Score(run, step, "questions"), home).right[half]
    facts, kinds = (
        engine.answer(Score(run, step, task, 4, limit=OTHERS), home).accuracy
        for task in ("facts", "kinds")
    )
    forgotten = engine.answer(Loss(run, step), home).loss - before
    return Moment(mean(asked), forgotten, facts, kinds)


def walk(home: Path, base: str, labels: int, changes: dict[str, Any], half: slice) -> list[Moment]:
    """Fine-tune once, and measure the checkpoints on the way, the base as the first."""
    config = loading.load_model(home, base, last_step(home, base))[2]
    own = dict(changes)
    longer = own.pop("longer", 1)
    steps = finetune_config(config, base, "questions", labels, **own).train.steps * longer
    own |= {"steps": steps, "checkpoint_interval": max(1, steps // CHECKPOINTS)}
    tuned = finetune_config(config, base, "questions", labels, **own)
    with tempfile.TemporaryDirectory(dir=home / "runs", prefix="equal-") as folder:
        for _ in engine.run(tuned, Path(folder), home, threads=lambda: 1):
            pass
        saved = CheckpointFolder(str(Path(folder) / "checkpoints")).steps()
        before = engine.answer(Loss(base, last_step(home, base)), home).loss
        return [moment(home, Path(folder).name, step, half, before) for step in saved]


def when(path: Sequence[Moment], answered: float) -> Moment | None:
    """The first moment at which this share is answered; None if it never is."""
    for before, after in itertools.pairwise(path):
        if before.answered < answered <= after.answered:
            share = (answered - before.answered) / (after.answered - before.answered)
            return Moment(*(b + share * (a - b) for b, a in zip(before, after, strict=True)))
    return None


def show(
    title: str, paths: dict[str, list[list[Moment]]], pick: Callable[[list[Moment]], Moment | None]
) -> None:
    """Print the means over all fine-tunings of each way that reach the moment."""
    print(f"\n{title}\n")
    print("| way | n | answered | forgotten, nats | each | facts, k = 4 | kinds, k = 4 |")
    print("|---|---|---|---|---|---|---|")
    for name, walks in paths.items():
        found = [one for path in walks if (one := pick(path)) is not None]
        if not found:
            print(f"| {name} | 0 | not reached | | | | |", flush=True)
            continue
        means = Moment(*(mean(column) for column in zip(*found, strict=True)))
        each = ", ".join(f"{one.forgotten:.3f}" for one in found)
        print(
            f"| {name} | {len(found)} | {means.answered:.3f} | {means.forgotten:.3f} | {each} "
            f"| {means.facts:.3f} | {means.kinds:.3f} |",
            flush=True,
        )


def main() -> None:
    """Measure every way, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", help="pre-trained runs, with commas between")
    parser.add_argument("--seeds", default="1,2", help="of the labels")
    parser.add_argument("--labels", type=int, default=128)
    parser.add_argument("--ways", default=WAYS)
    parser.add_argument("--half", choices=tuple(HALVES), default="reported")
    parser.add_argument("--at", default="0.2,0.3,0.4,0.5", help="shares of questions answered")
    options = parser.parse_args()
    half = HALVES[options.half]
    paths: dict[str, list[list[Moment]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        bases = options.runs.split(",")
        for base in bases:
            shutil.copytree(run_dir(home_dir(), base), run_dir(home, base))
        for name in options.ways.split(";"):
            changes = way_of(name)
            paths[name] = [
                walk(home, base, options.labels, changes | {"seed": int(seed)}, half)
                for base in bases
                for seed in numbers(options.seeds)
            ]
            ends = [path[-1] for path in paths[name]]
            print(f"{name}: {mean(e.answered for e in ends):.3f} answered", flush=True)
    show(f"At the end, {options.labels} labels", paths, lambda path: path[-1])
    for share in numbers(options.at):
        at = float(share)
        show(f"When {at:.0%} are answered", paths, lambda path, at=at: when(path, at))


if __name__ == "__main__":
    main()

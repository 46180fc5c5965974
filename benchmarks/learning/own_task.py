"""The example of Your own task: what a base can do with it, before and after it learned from it.

    python -m benchmarks.learning.own_task RUN [RUN] [--seeds 1,2,3]

RUNs are pre-trained and live in TINYLM_HOME, where the example is kept as a task. Each is asked
without and with examples, then fine-tuned on all training items, from its weights and from random
ones, with every seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.learning.finetune_rates import last_step, numbers
from pages.own_task.example import example_rows
from tinylm.answers import engine
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.store import Kept, save_task
from tinylm.evaluation.tasks.own.template import Template
from tinylm.experiments.fewshot import SHOTS
from tinylm.home import home_dir
from tinylm.questions.models import Score, TransferPoint


def kept_example(home: Path) -> Kept:
    """The example, kept as a task."""
    rows = check_rows(example_rows())
    return save_task(rows, "classification", Template(), "Four teams", home)


def measured(home: Path, run: str, kept: Kept, seeds: list[int]) -> Iterator[tuple[str, list[str]]]:
    """What is asked, and the accuracies: with each number of examples, then after fine-tuning."""
    step = last_step(home, run)
    few = [engine.answer(Score(run, step, kept.name, k), home) for k in SHOTS]
    yield f"k = {', '.join(map(str, SHOTS))}", [f"{one.accuracy:.0%}" for one in few]
    yield "chance and commonest label", [f"{few[0].chance:.0%}", f"{few[0].majority:.0%}"]
    for init in ("base", "scratch"):
        points = [
            TransferPoint(run, step, kept.name, init, len(kept.train), seed) for seed in seeds
        ]
        found = [engine.answer(point, home) for point in points]
        yield f"fine-tuned from {init}", [f"{one.accuracy:.0%}" for one in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("--seeds", default="1,2,3")
    options = parser.parse_args()
    home, seeds = home_dir(), [int(seed) for seed in numbers(options.seeds)]
    kept = kept_example(home)
    print(f"{len(kept.train)} labels, n = {len(kept.test)} held-out items")
    for run in options.runs:
        for what, accuracies in measured(home, run, kept, seeds):
            print(f"{run:24} {what:28} {', '.join(accuracies)}", flush=True)


if __name__ == "__main__":
    main()

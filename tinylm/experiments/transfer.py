"""The transfer experiment: how many labels pre-training saves.

Fine-tune from the base, from random weights, and from a base of a tenth of the training, on
more and more labelled examples, with several seeds. Plain Python: what has to be measured, and
what follows from it; `transfer_point.py` measures one point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tinylm.experiments.question import Question

SIZES = (0, 8, 32, 128, 512)
INITS = ("base", "tenth", "scratch")
SEEDS = (1, 2, 3)
TENTH = 10  # the shorter base has one step for so many of the base's
TASK = "questions"


class Point(NamedTuple):
    """One fine-tuning: where it starts, how many labels it sees, which seed draws them."""

    init: str
    labels: int
    seed: int


def questions(
    run: str,
    step: int,
    task: str = TASK,
    *,
    sizes: Sequence[int] = SIZES,
    inits: Sequence[str] = INITS,
    seeds: Sequence[int] = SEEDS,
) -> dict[Point, Question]:
    """All points. The one that first has to train the shorter base is asked first."""
    points = [Point(i, n, s) for n in sizes for s in seeds for i in inits]
    points.sort(key=lambda p: (p.init == "tenth", p.labels))
    late = [p for p in points if p.init == "tenth"]
    return {
        point: ("transfer", {"run": run, "step": step, "task": task} | point._asdict())
        for point in (*late[:1], *points[: len(points) - len(late)], *late[1:])
    }


def summary(results: Mapping[Point, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each start and number of labels: mean accuracy, lowest and highest seed."""
    groups: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for point, row in results.items():
        groups.setdefault((point.init, point.labels), []).append(row)
    rows = []
    for (init, labels), found in sorted(groups.items()):
        shares = [row["accuracy"] for row in found]
        rows.append(
            {
                "init": init,
                "labels": labels,
                "accuracy": math.fsum(shares) / len(shares),
                "lowest": min(shares),
                "highest": max(shares),
                "seeds": len(shares),
                "n": found[0]["n"],
            }
        )
    return rows


def labels_saved(rows: Iterable[Mapping[str, Any]], other: str = "scratch") -> list[dict[str, Any]]:
    """For each number of labels of the base: how many `other` needs to be as good.

    `needed` is read off the straight lines between `other`'s points, over log2(1 + labels);
    None where it never gets there with as many labels as were tried (`tried`).
    """
    means = {(row["init"], row["labels"]): row["accuracy"] for row in rows}
    curve = sorted((labels, mean) for (init, labels), mean in means.items() if init == other)
    if not curve:
        return []
    return [
        {
            "labels": labels,
            "accuracy": mean,
            "other": other,
            "needed": _reached(curve, mean),
            "tried": curve[-1][0],
        }
        for (init, labels), mean in sorted(means.items())
        if init == "base"
    ]


def in_words(row: Mapping[str, Any]) -> str:
    """A row of `labels_saved` in a sentence."""
    base = f"The base with {row['labels']:,} labels reaches {row['accuracy']:.0%}"
    if row["needed"] is None:
        return f"{base}; {row['other']} never gets there with up to {row['tried']:,}."
    return f"{base}; {row['other']} needs {row['needed']:,}."


def _reached(curve: Sequence[tuple[int, float]], goal: float) -> int | None:
    """Labels at which the curve first reaches `goal`."""
    before: tuple[int, float] | None = None
    for labels, mean in curve:
        if mean >= goal:
            if before is None or mean == before[1]:
                return labels
            share = (goal - before[1]) / (mean - before[1])
            low, high = math.log2(1 + before[0]), math.log2(1 + labels)
            return math.ceil(2 ** (low + share * (high - low)) - 1)
        before = (labels, mean)
    return None

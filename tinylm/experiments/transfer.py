"""The transfer experiment: how many labels pre-training saves.

It fine-tunes from the base, from random weights, and from a base with a tenth of the training, on
more and more labelled examples, with several seeds. This module is plain Python: it says what has
to be measured and what follows from it. `tinylm/answers/transfer.py` measures one point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tinylm.questions.models import TransferPoint, Tuned

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
) -> dict[Point, TransferPoint]:
    """The questions for all points. First comes one that must first train the shorter base."""
    points = [Point(i, n, s) for n in sizes for s in seeds for i in inits]
    points.sort(key=lambda p: (p.init == "tenth", p.labels))
    late = [p for p in points if p.init == "tenth"]
    return {
        point: TransferPoint(run, step, task, *point)
        for point in (*late[:1], *points[: len(points) - len(late)], *late[1:])
    }


class Mean(NamedTuple):
    """Accuracy of one start and number of labels: the mean, lowest and highest over its seeds."""

    init: str
    labels: int
    accuracy: float
    lowest: float
    highest: float
    seeds: int
    n: int  # held-out items


class Saved(NamedTuple):
    """How many labels another start needs to be as good as the base with `labels`."""

    labels: int
    accuracy: float  # of the base
    other: str
    needed: int | None  # None if it never gets there with up to `tried` labels
    tried: int


def summary(results: Mapping[Point, Tuned]) -> list[Mean]:
    """A row for each start and number of labels."""
    groups: dict[tuple[str, int], list[Tuned]] = {}
    for point, tuned in results.items():
        groups.setdefault((point.init, point.labels), []).append(tuned)
    rows = []
    for (init, labels), found in sorted(groups.items()):
        shares = [one.accuracy for one in found]
        mean = math.fsum(shares) / len(shares)
        rows.append(Mean(init, labels, mean, min(shares), max(shares), len(shares), found[0].n))
    return rows


def labels_saved(rows: Iterable[Mean], other: str = "scratch") -> list[Saved]:
    """For each number of labels of the base: how many `other` needs to be as good.

    The number is read from straight lines between the points of `other`, over log2(1 + labels).
    """
    means = {(row.init, row.labels): row.accuracy for row in rows}
    curve = sorted((labels, mean) for (init, labels), mean in means.items() if init == other)
    if not curve:
        return []
    return [
        Saved(labels, mean, other, _reached(curve, mean), curve[-1][0])
        for (init, labels), mean in sorted(means.items())
        if init == "base"
    ]


def in_words(row: Saved) -> str:
    """A row of `labels_saved` in a sentence."""
    base = f"The base with {row.labels:,} labels reaches {row.accuracy:.0%}"
    if row.needed is None:
        times = f"{row.tried / row.labels:.2g} times as many" if row.labels else f"{row.tried:,}"
        return f"{base}; {row.other} needs more than {times}: even {row.tried:,} are not enough."
    return f"{base}; {row.other} needs {row.needed:,}."


def _reached(curve: Sequence[tuple[int, float]], goal: float) -> int | None:
    """The number of labels at which the curve first reaches `goal`; None if it never does."""
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

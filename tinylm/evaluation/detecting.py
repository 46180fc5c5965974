"""How well a score tells two kinds of items apart: the area under its ROC curve, and its errors."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


def roc_area(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """The probability that a positive item scores higher than a negative one; a tie counts half.

    0.5 is blind guessing, 1 is perfect. There is at least one item of each kind.
    """
    ordered = sorted(negatives)
    halves = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in positives)
    return halves / (2 * len(positives) * len(negatives))


def threshold(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """The threshold with the smallest sum of both error rates; items above it count as positive.

    It lies half-way between two neighbouring scores.
    """
    scores = sorted({*positives, *negatives})
    between = [(low + high) / 2 for low, high in pairwise(scores)]

    def mistakes(limit: float) -> float:
        missed = sum(one <= limit for one in positives) / len(positives)
        alarms = sum(one > limit for one in negatives) / len(negatives)
        return missed + alarms

    return min(between or scores, key=mistakes)


class Errors(NamedTuple):
    """The mistakes of a detector: positives that it misses, negatives that it takes for one."""

    missed: int
    positives: int
    false_alarms: int
    negatives: int


def crossed_errors(positives: Sequence[float], negatives: Sequence[float]) -> Errors:
    """The errors where each half of the items is judged by the best threshold of the other half.

    So no item has a part in the threshold that it is judged by. Both kinds have two items at least.
    """
    missed = alarms = 0
    for half in (0, 1):
        limit = threshold(positives[half::2], negatives[half::2])
        missed += sum(one <= limit for one in positives[1 - half :: 2])
        alarms += sum(one > limit for one in negatives[1 - half :: 2])
    return Errors(missed, len(positives), alarms, len(negatives))

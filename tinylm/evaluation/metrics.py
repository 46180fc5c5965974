"""What success is measured by, each with its formula. Plain Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from tinylm.errors import BadRequest

Label = TypeVar("Label")


def accuracy(gold: Sequence[Label], predicted: Sequence[Label]) -> float:
    """Share of right answers: (number of i with predicted_i = gold_i) / n."""
    _check(gold, predicted)
    return sum(g == p for g, p in zip(gold, predicted, strict=True)) / len(gold)


def macro_f1(gold: Sequence[Label], predicted: Sequence[Label]) -> float:
    """Mean over labels of F1 = 2 TP / (2 TP + FP + FN); every label counts the same.

    The labels are those that occur in `gold` or `predicted`, as in scikit-learn.
    """
    _check(gold, predicted)
    pairs = list(zip(gold, predicted, strict=True))
    scores = []
    for label in set(gold) | set(predicted):
        hits = sum(g == label and p == label for g, p in pairs)
        misses = sum((g == label) != (p == label) for g, p in pairs)  # FP + FN
        scores.append(2 * hits / (2 * hits + misses))
    return math.fsum(scores) / len(scores)


def perplexity(loss: float) -> float:
    """exp(loss), with the loss in nats per token: as unsure as among so many equal tokens.

    Not comparable across vocabularies; `bits_per_byte` is.
    """
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf


def bits_per_byte(total_nats: float, num_bytes: int) -> float:
    """total_nats / ln 2 / num_bytes: the bits that one byte of UTF-8 text costs."""
    if num_bytes <= 0:
        raise BadRequest("bits per byte needs at least one byte of text.")
    return total_nats / math.log(2) / num_bytes


def _check(gold: Sequence[Label], predicted: Sequence[Label]) -> None:
    if not gold or len(gold) != len(predicted):
        raise BadRequest("A metric needs one prediction for each answer, and at least one.")

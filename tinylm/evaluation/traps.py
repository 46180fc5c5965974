"""Where the metrics mislead, as pure computations over what a model answered.

Perplexity depends on the unit it is counted in, accuracy on the commonest class, precision and
F1 on how common a class is; BLEU and its runs of words are in bleu_traps.py. Nothing here asks a
model anything.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinylm.errors import BadRequest
from tinylm.evaluation.intervals import percentile_interval, wilson
from tinylm.evaluation.metrics import accuracy, bits_per_byte, macro_f1, perplexity

RESAMPLES = 500  # of a bootstrap


# Perplexity: one total, many units ----------------------------------------------------------


class Units(NamedTuple):
    """One total of nats in two units: perplexity moves with the unit, bits per byte does not."""

    perplexity: float
    bits_per_byte: float


def in_units(total_nats: float, num_units: int, num_bytes: int) -> Units:
    """The `total_nats` of a text of so many units (tokens, words or bytes) and bytes.

    Perplexity is exp(total_nats / num_units). Raises BadRequest where there is no unit or byte.
    """
    if num_units <= 0:
        raise BadRequest("Perplexity needs at least one unit of text.")
    return Units(perplexity(total_nats / num_units), bits_per_byte(total_nats, num_bytes))


# Accuracy: the commonest class ---------------------------------------------------------------


def commonest(labels: Iterable[str]) -> str:
    """The label that occurs most often; of equals, the first in the alphabet."""
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label))


def thinned(gold: Sequence[str], common: str, share: float, seed: int) -> list[int]:
    """Indices of all items of the class `common` and of a `share` of every other class's items.

    Each class keeps at least one item, so the classes stay the same. The items kept for a smaller
    share are among those for a larger one. Raises BadRequest for a share outside 0 to 1.
    """
    if not 0 <= share <= 1:
        raise BadRequest(f"The share that is kept must be between 0 and 1; got {share:g}.")
    kept: list[int] = []
    for label in sorted(set(gold)):
        places = [i for i, one in enumerate(gold) if one == label]
        random.Random(f"thinned/{seed}/{label}").shuffle(places)
        kept += places if label == common else places[: max(1, math.ceil(share * len(places)))]
    return sorted(kept)


class Classified(NamedTuple):
    """How good the answers of a classifier are."""

    accuracy: float
    low: float  # of the 95 % interval of the accuracy
    high: float
    macro_f1: float
    n: int


class AgainstMajority(NamedTuple):
    """A model beside the rule "always answer the commonest class", on the same items."""

    model: Classified
    majority: Classified


def classified(gold: Sequence[str], predicted: Sequence[str]) -> Classified:
    """Accuracy with its 95 % interval, and macro-F1 over the classes of `gold`."""
    correct = sum(g == p for g, p in zip(gold, predicted, strict=True))
    return Classified(
        accuracy(gold, predicted),
        *wilson(correct, len(gold)),
        macro_f1(gold, predicted, sorted(set(gold))),
        len(gold),
    )


def against_majority(
    gold: Sequence[str], predicted: Sequence[str], share: float, seed: int
) -> AgainstMajority:
    """Compare the model with always answering the commonest class, on thinned items."""
    common = commonest(gold)
    kept = thinned(gold, common, share, seed)
    right = [gold[i] for i in kept]
    return AgainstMajority(
        classified(right, [predicted[i] for i in kept]),
        classified(right, [common] * len(kept)),
    )


def macro_f1_difference(
    gold: Sequence[str], one: Sequence[str], other: Sequence[str], seed: int
) -> tuple[float, float, float]:
    """Macro-F1 of `one` minus that of `other`, with its 95 % interval: (difference, low, high).

    A paired bootstrap: items are drawn anew with replacement, the same for both (Efron &
    Tibshirani 1993). A class that is not drawn counts in neither: as a zero it would pull all the
    drawn differences below the measured one.
    """
    labels = sorted(set(gold))
    places = {label: place for place, label in enumerate(labels)}
    right, first, second = (
        np.array([places.get(label, len(labels)) for label in side]) for side in (gold, one, other)
    )
    rng = np.random.default_rng(seed)

    def difference(rows: NDArray[np.int64]) -> float:
        scores = [_mean_f1(right[rows], side[rows], len(labels)) for side in (first, second)]
        return scores[0] - scores[1]

    drawn = rng.integers(0, len(right), (RESAMPLES, len(right)))
    interval = percentile_interval(difference(rows) for rows in drawn)
    return difference(np.arange(len(right))), *interval


def _mean_f1(gold: NDArray[np.int64], said: NDArray[np.int64], num_labels: int) -> float:
    """`macro_f1` over the classes of `gold` below num_labels, quick enough to be resampled."""
    hits, right, called = (
        np.bincount(side, minlength=num_labels + 1)[:num_labels]
        for side in (gold[gold == said], gold, said)
    )
    there = right > 0
    return float((2 * hits[there] / (right + called)[there]).mean())


# F1: one class against the rest --------------------------------------------------------------


@dataclass(frozen=True)
class Confusion:
    """Answers about one class: true and false positives, false and true negatives."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n(self) -> int:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def share(self) -> float:
        """The share of the items that belong to the class."""
        return (self.tp + self.fn) / self.n

    @property
    def precision(self) -> float:
        """TP / (TP + FP): the share of right answers among those that name the class; 0 if none."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """TP / (TP + FN): the share of the class's items that were found; 0 if it has none."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall."""
        either = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / either if either else 0.0


def one_against_rest(gold: Sequence[str], predicted: Sequence[str], label: str) -> Confusion:
    """Count the answers as `label` or not `label`."""
    pairs = Counter((g == label, p == label) for g, p in zip(gold, predicted, strict=True))
    return Confusion(pairs[True, True], pairs[False, True], pairs[True, False], pairs[False, False])


def at_share(
    gold: Sequence[str], predicted: Sequence[str], label: str, share: float, seed: int
) -> Confusion:
    """Count the same answers with the number of other items changed, so that `label` has `share`.

    All items of the class stay, so recall does not change. The others are drawn in a random order,
    each once before any is drawn twice; a smaller number gives the first of a larger one. Raises
    BadRequest for a share that is not between 0 and 1, or without items of the class or of others.
    """
    if not 0 < share < 1:
        raise BadRequest(f"The share of a class must be between 0 and 1; got {share:g}.")
    mine = [p for g, p in zip(gold, predicted, strict=True) if g == label]
    others = [p == label for g, p in zip(gold, predicted, strict=True) if g != label]
    if not mine or not others:
        raise BadRequest(f"No items of {label!r} and of another class: choose another class.")
    rng = random.Random(f"share/{seed}/{label}")
    number = max(1, round(len(mine) * (1 - share) / share))
    drawn: list[bool] = []
    while len(drawn) < number:
        drawn += rng.sample(others, len(others))
    found, alarms = sum(p == label for p in mine), sum(drawn[:number])
    return Confusion(found, alarms, len(mine) - found, number - alarms)


def most_confused(gold: Sequence[str], predicted: Sequence[str]) -> str:
    """The class with both many hits and many false alarms, where rarity hurts F1 most."""
    counts = {label: one_against_rest(gold, predicted, label) for label in sorted(set(gold))}
    return max(counts, key=lambda label: (min(counts[label].tp, counts[label].fp), counts[label].n))

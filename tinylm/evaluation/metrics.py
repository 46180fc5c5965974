"""The metrics, each with its formula, and the list of metrics that tasks can name."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from tinylm.errors import BadRequest
from tinylm.evaluation.intervals import percentile_interval, wilson
from tinylm.questions.models import Figure

BLEU_RESAMPLES = 500

Label = TypeVar("Label")


@dataclass(frozen=True)
class BleuScore:
    """BLEU with its 95 % interval, and what it is made of."""

    value: float
    low: float
    high: float
    precisions: tuple[float, ...]  # of 1- to 4-grams, in 0 … 100
    brevity_penalty: float


def accuracy(gold: Sequence[Label], predicted: Sequence[Label]) -> float:
    """Share of right answers: (number of i with predicted_i = gold_i) / n."""
    _check(gold, predicted)
    return sum(g == p for g, p in zip(gold, predicted, strict=True)) / len(gold)


def macro_f1(
    gold: Sequence[Label], predicted: Sequence[Label], labels: Sequence[Label] | None = None
) -> float:
    """Mean over labels of `f1`; every label counts the same, however rare it is.

    By default the labels are those that occur in `gold` or `predicted`, as in scikit-learn. With
    `labels`, an answer that is not one of them is a miss and does not become a label itself.
    """
    _check(gold, predicted)
    counted = set(gold) | set(predicted) if labels is None else set(labels)
    return math.fsum(f1(gold, predicted, label) for label in counted) / len(counted)


def f1(gold: Sequence[Label], predicted: Sequence[Label], label: Label) -> float:
    """F1 of one label, 2 TP / (2 TP + FP + FN): the harmonic mean of precision and recall.

    It is 0 where the label occurs on neither side.
    """
    _check(gold, predicted)
    pairs = list(zip(gold, predicted, strict=True))
    hits = sum(g == label and p == label for g, p in pairs)
    misses = sum((g == label) != (p == label) for g, p in pairs)  # FP + FN
    return 2 * hits / (2 * hits + misses) if hits + misses else 0.0


def bleu(
    gold: Sequence[str],
    predicted: Sequence[str],
    *,
    effective_order: bool = False,
    resamples: int = BLEU_RESAMPLES,
) -> BleuScore:
    """BLEU of all `predicted` against one reference each, by sacrebleu, in 0 … 100.

    BLEU is the geometric mean of the shares of right 1- to 4-grams, times exp(1 - r / c) if the
    outputs have fewer words (c) than the references (r) (Papineni et al. 2002). Words are separated
    by spaces. `effective_order` leaves out n-grams longer than the output. The interval is a
    bootstrap over items with `resamples` samples.
    """
    _check(gold, predicted)
    # Imported here: pages list the metrics without ever computing one.
    from sacrebleu.metrics import BLEU  # type: ignore[attr-defined]

    metric = BLEU(tokenize="none", effective_order=effective_order, force=True)
    items = [metric.corpus_score([p], [[g]]) for g, p in zip(gold, predicted, strict=True)]
    stats = np.array([[*s.counts, *s.totals, s.sys_len, s.ref_len] for s in items])

    def score(sums: NDArray[np.int64]) -> Any:
        counts = [int(n) for n in sums]
        return metric.compute_bleu(
            counts[:4],
            counts[4:8],
            counts[8],
            counts[9],
            smooth_method="exp",
            effective_order=effective_order,
        )

    rng = np.random.default_rng(1)
    draws = rng.integers(0, len(stats), (resamples, len(stats)))
    low, high = percentile_interval(score(stats[rows].sum(axis=0)).score for rows in draws)
    found = score(stats.sum(axis=0))
    return BleuScore(found.score, low, high, tuple(found.precisions), found.bp)


def perplexity(loss: float) -> float:
    """exp(loss), with the loss in nats per token.

    A model with perplexity p is as unsure as if it chose among p equally likely tokens. Models
    with different vocabularies cannot be compared by it, but by `bits_per_byte`.
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
        raise BadRequest("A metric needs one prediction for each right answer, and at least one.")


# What tasks are measured by -----------------------------------------------------------------


class Metric(ABC):
    """A metric of answers to a task's items; a subclass in this module is listed in METRICS."""

    name: ClassVar[str]  # as tasks and results name it
    title: ClassVar[str]  # as people write it
    scale: ClassVar[float] = 1.0  # what perfect answers get

    @abstractmethod
    def compute(self, gold: Sequence[str], answers: Sequence[str]) -> Figure:
        """The metric's value. Raises BadRequest unless there is one answer for each item."""

    def number(self, share: float, digits: int = 0) -> str:
        """A share of the scale as people write it: `73%`, or `41` on a scale of 100."""
        if self.scale == 1:
            return f"{share:.{digits}%}"
        return f"{self.scale * share:.{digits}f}"

    def in_words(self, share: float) -> str:
        """The same, so that it says by itself what it is: `73%`, or `BLEU 41.2`."""
        return self.number(share) if self.scale == 1 else f"{self.title} {self.number(share, 1)}"


class Accuracy(Metric):
    """The share of answers that are right letter by letter, with its Wilson interval."""

    name, title = "accuracy", "Accuracy"

    def compute(self, gold: Sequence[str], answers: Sequence[str]) -> Figure:
        share = accuracy(gold, answers)
        return Figure(share, *wilson(round(share * len(gold)), len(gold)))


class MacroF1(Metric):
    """Macro-F1 over the labels that occur among the right answers."""

    name, title = "macro_f1", "Macro-F1"

    def compute(self, gold: Sequence[str], answers: Sequence[str]) -> Figure:
        return Figure(macro_f1(gold, answers, sorted(set(gold))))


class Bleu(Metric):
    """BLEU of all answers together, in 0 … 100."""

    name, title, scale = "bleu", "BLEU", 100.0

    def compute(self, gold: Sequence[str], answers: Sequence[str]) -> Figure:
        found = bleu(gold, answers)
        return Figure(found.value, found.low, found.high, self.scale)


METRICS: dict[str, Metric] = {kind.name: kind() for kind in Metric.__subclasses__()}

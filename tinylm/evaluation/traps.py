"""Where each of the four metrics misleads, as pure computations over what a model answered.

Perplexity depends on the unit it is counted in, accuracy on the commonest class, precision and
F1 on how common a class is, BLEU on runs of words. Nothing here asks a model anything.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tinylm.errors import BadRequest
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.metrics import accuracy, bits_per_byte, bleu, macro_f1, perplexity

MAX_ORDER = 4  # BLEU counts runs of one to four words
MAX_SENTENCE = 1_000  # characters that BLEU is asked for at once
MAX_CASES = 20


# Perplexity: one total, many units ----------------------------------------------------------


def in_units(total_nats: float, num_units: int, num_bytes: int) -> dict[str, float]:
    """The same `total_nats` of a text counted per unit (token, word, byte), and per byte.

    `perplexity` = exp(total_nats / num_units) moves with the unit; `bits_per_byte` does not.
    """
    if num_units <= 0:
        raise BadRequest("Perplexity needs at least one unit of text.")
    return {
        "perplexity": perplexity(total_nats / num_units),
        "bits_per_byte": bits_per_byte(total_nats, num_bytes),
    }


# Accuracy: the commonest class ---------------------------------------------------------------


def commonest(labels: Iterable[str]) -> str:
    """The label that occurs most often; of equals, the first in the alphabet."""
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label))


def thinned(gold: Sequence[str], common: str, share: float, seed: int) -> list[int]:
    """Places of all items of the class `common`, and of a `share` of every other class.

    Each class keeps at least one item, so the classes stay the same; the items kept for a
    smaller share are among those for a larger one.
    """
    if not 0 <= share <= 1:
        raise BadRequest(f"The share that is kept must be between 0 and 1; got {share:g}.")
    kept: list[int] = []
    for label in sorted(set(gold)):
        places = [i for i, one in enumerate(gold) if one == label]
        random.Random(f"thinned/{seed}/{label}").shuffle(places)
        kept += places if label == common else places[: max(1, math.ceil(share * len(places)))]
    return sorted(kept)


def classifier_row(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, Any]:
    """Accuracy with its 95 % interval, macro-F1 over the classes of `gold`, and n."""
    correct = sum(g == p for g, p in zip(gold, predicted, strict=True))
    low, high = wilson(correct, len(gold))
    return {
        "accuracy": accuracy(gold, predicted),
        "low": low,
        "high": high,
        "macro_f1": macro_f1(gold, predicted, sorted(set(gold))),
        "n": len(gold),
    }


def against_majority(
    gold: Sequence[str], predicted: Sequence[str], share: float, seed: int
) -> dict[str, dict[str, Any]]:
    """`classifier_row` of the model and of always the commonest class, on thinned items."""
    common = commonest(gold)
    kept = thinned(gold, common, share, seed)
    right = [gold[i] for i in kept]
    return {
        "model": classifier_row(right, [predicted[i] for i in kept]),
        "majority": classifier_row(right, [common] * len(kept)),
    }


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
        """Of the items, those that belong to the class."""
        return (self.tp + self.fn) / self.n

    @property
    def precision(self) -> float:
        """TP / (TP + FP): of what was called the class, the part that is it; 0 for none."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """TP / (TP + FN): of the class, the part that was found; 0 where it never occurs."""
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
    """The same answers with the other classes drawn anew until `label` has about `share`.

    Its own items all stay, so recall cannot move. The others are drawn with replacement; fewer
    are a prefix of more. Raises BadRequest where there is nothing to draw from.
    """
    if not 0 < share < 1:
        raise BadRequest(f"The share of a class must be between 0 and 1; got {share:g}.")
    mine = [p for g, p in zip(gold, predicted, strict=True) if g == label]
    others = [p for g, p in zip(gold, predicted, strict=True) if g != label]
    if not mine or not others:
        raise BadRequest(f"No items of {label!r} and of another class: choose another class.")
    rng = random.Random(f"share/{seed}/{label}")
    number = max(1, round(len(mine) * (1 - share) / share))
    alarms = sum(others[int(rng.random() * len(others))] == label for _ in range(number))
    found = sum(p == label for p in mine)
    return Confusion(found, alarms, len(mine) - found, number - alarms)


def most_confused(gold: Sequence[str], predicted: Sequence[str]) -> str:
    """The class with both many hits and many false alarms, where rarity hurts F1 most."""
    counts = {label: one_against_rest(gold, predicted, label) for label in sorted(set(gold))}
    return max(counts, key=lambda label: (min(counts[label].tp, counts[label].fp), counts[label].n))


# BLEU: runs of words -------------------------------------------------------------------------


def ngram_matches(reference: str, output: str) -> list[tuple[int, int]]:
    """For 1 to 4 words: how many of the output's runs stand in the reference, of how many.

    A run counts at most as often as the reference has it (Papineni et al. 2002).
    """
    found = []
    for order in range(1, MAX_ORDER + 1):
        wanted, said = Counter(_runs(reference, order)), Counter(_runs(output, order))
        found.append(((wanted & said).total(), said.total()))
    return found


def _runs(text: str, order: int) -> Iterator[tuple[str, ...]]:
    words = text.split()
    return (tuple(words[i : i + order]) for i in range(len(words) - order + 1))


def wrong_order(reference: str) -> str:
    """The same words in another order that keeps as many runs of words as can be.

    That is the sentence cut in two with the parts swapped: where no word stands twice, any other
    order breaks more places. "" where no cut gives another text.
    """
    words = reference.split()
    swapped = (" ".join(words[cut:] + words[:cut]) for cut in range(1, len(words)))
    others = [text for text in swapped if text != " ".join(words)]
    return max(others, key=lambda text: [n for n, _ in ngram_matches(reference, text)], default="")


def changed_word(
    source: str, reference: str, pairs: Sequence[tuple[str, str]]
) -> tuple[str, str] | None:
    """One word of `reference` replaced by one that means something else: (meaning, text).

    What a word means comes from `pairs` of (source, translation): two that differ in one word
    on both sides say which word stands for which. Neighbours in the new meaning are neighbours
    somewhere in `pairs`, so that it is a sentence. The place that keeps most runs of words is
    taken; None where `pairs` teach no fitting word.
    """
    said, meant = reference.split(), source.split()
    known = {run for text, _ in pairs for run in _runs(text, 2)}
    best: tuple[list[int], str, str] | None = None
    for (old_meaning, old), (new_meaning, new) in sorted(_exchanges(source, reference, pairs)):
        if meant.count(old_meaning) != 1 or said.count(old) != 1:
            continue
        text = " ".join(new if word == old else word for word in said)
        meaning = " ".join(new_meaning if word == old_meaning else word for word in meant)
        kept = [n for n, _ in ngram_matches(reference, text)]
        if known.issuperset(_runs(meaning, 2)) and (best is None or kept > best[0]):
            best = kept, meaning, text
    return best[1:] if best else None


def _exchanges(
    source: str, text: str, pairs: Sequence[tuple[str, str]]
) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    """((a, x), (b, y)): a is said as x where b is said as y, for a in `source` and x in `text`."""
    alike: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for one in pairs:
        for a, meant in _with_a_gap(one[0]):
            for x, said in _with_a_gap(one[1]):
                alike.setdefault((meant, said), set()).add((a, x))
    mine = {(a, x) for a in source.split() for x in text.split()}
    return {
        (one, other)
        for group in alike.values()
        if len(group) > 1
        for one in group & mine
        for other in group
        if one[0] != other[0] and one[1] != other[1]
    }


def _with_a_gap(text: str) -> list[tuple[str, str]]:
    """Each word, with the text that has a gap in its place."""
    words = text.split()
    return [
        (word, " ".join((*words[:place], "", *words[place + 1 :])))
        for place, word in enumerate(words)
    ]


def bleu_cases(gold: Sequence[str], predicted: Sequence[str]) -> list[dict[str, Any]]:
    """BLEU of each output by itself, as it is defined and with effective order; exact match.

    Raises BadRequest for more or longer sentences than a person would compare.
    """
    if len(gold) > MAX_CASES or any(len(text) > MAX_SENTENCE for text in (*gold, *predicted)):
        raise BadRequest(
            f"BLEU is shown for up to {MAX_CASES} sentences of {MAX_SENTENCE:,} characters: "
            "shorten the text."
        )
    return [_bleu_case(g, p) for g, p in zip(gold, predicted, strict=True)]


def _bleu_case(gold: str, predicted: str) -> dict[str, Any]:
    plain = bleu([gold], [predicted])
    return {
        "bleu": plain["bleu"],
        "bleu_effective": bleu([gold], [predicted], effective_order=True)["bleu"],
        "precisions": plain["precisions"],
        "brevity_penalty": plain["brevity_penalty"],
        "matches": ngram_matches(gold, predicted),
        "exact": gold == predicted,
        "words": len(predicted.split()),
        "reference_words": len(gold.split()),
    }

"""How a bet is scored: shares, surprise in bits, and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Sequence

ROUNDS = 5  # sentences to bet on


def shares(chips: Sequence[int], others: int, words: int) -> tuple[list[float], float]:
    """The share of each option, and the share of every single other word.

    `others` is the number of chips on all words that are not among the options; they are spread
    evenly over the `words` of the text that are left. Without any chip all words are equal.
    """
    total, left = sum(chips) + others, max(1, words - len(chips))
    if not total:
        return [1 / words] * len(chips), 1 / words
    return [count / total for count in chips], others / total / left


def surprise(share: float) -> float:
    """Bits: -log2 of the share that the word got which really came."""
    return -math.log2(share) if share > 0 else math.inf


def mean_surprise(given: Sequence[float]) -> float:
    """The mean surprise in bits, from the share that each word that came had got: the loss."""
    return sum(map(surprise, given)) / len(given)


def choices(bits: float) -> float:
    """As unsure as choosing among so many equal words: 2 to the power of the bits (perplexity)."""
    return math.inf if math.isinf(bits) else 2**bits

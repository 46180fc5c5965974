"""N-gram models, which came before neural ones: they predict the next token by counting.

Order 0 is the uniform model, 1 the unigram, 2 the bigram, 3 the trigram. Counts are smoothed
by interpolated Kneser-Ney (Kneser and Ney 1995; Chen and Goodman 1998, section 2.7): every
count is reduced by a discount D, and the next shorter model distributes the probability that this
frees in each context. A shorter model does not count how often a token occurs in the text, but
after how many different tokens: "Francisco" is frequent, but likely only after one word. Below
the unigram lies the uniform model, so no token is impossible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from tinylm.errors import BadRequest

ORDERS = {"uniform": 0, "unigram": 1, "bigram": 2, "trigram": 3}
LEAST_DISCOUNT = 0.1  # if the counts give a smaller one, so that unseen n-grams keep a share

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
Documents = Sequence[Sequence[int]]


@dataclass(frozen=True)
class _Level:
    """N-grams of one length. N-grams and contexts are numbers whose digits in base V are tokens."""

    grams: Ids  # (G,) ascending
    kept: Floats  # (G,) (count - D) / count of the context
    contexts: Ids  # (C,) ascending
    given: Floats  # (C,) what the context gives to the next shorter model

    @staticmethod
    def count(grams: Ids, counts: Ids, vocab_size: int) -> _Level:
        """From different n-grams (G,), ascending, and how often each was counted."""
        ones, twos = int((counts == 1).sum()), int((counts == 2).sum())
        discount = max(LEAST_DISCOUNT, ones / (ones + 2 * twos) if ones else 0.0)
        contexts, first, kinds = np.unique(
            grams // vocab_size, return_index=True, return_counts=True
        )
        totals = np.add.reduceat(counts, first)
        kept = (counts - discount) / np.repeat(totals, kinds)
        return _Level(grams, kept, contexts, discount * kinds / totals)


class NGram:
    """An n-gram model of token ids, read as the GPT reads: whole documents from their start.

    A separator stands before the first token and after the last; every token and the
    separator at the end is predicted. Tokens before the start are separators too.
    """

    def __init__(self, order: int, vocab_size: int, separator: int, levels: Sequence[_Level]):
        self.order, self.vocab_size, self.separator = order, vocab_size, separator
        self._levels = tuple(levels)  # shortest n-grams first

    @staticmethod
    def fit(documents: Documents, order: int, vocab_size: int, separator: int = 0) -> NGram:
        """Count the n-grams of `documents`, each a sequence of ids below `vocab_size`.

        The discount of each length is D = n1 / (n1 + 2 n2) (Ney, Essen and Kneser 1994), where
        n1 and n2 say how many n-grams were counted once and twice. Raises BadRequest.
        """
        if order < 0 or vocab_size < 1 or vocab_size**order > np.iinfo(np.int64).max:
            raise BadRequest(f"A model of order {order} with {vocab_size:,} tokens is too large.")
        model = NGram(order, vocab_size, separator, ())
        if not order:
            return model
        grams, counts = np.unique(model._packed(documents), return_counts=True)
        if not len(grams):
            raise BadRequest("Counting needs at least one document.")
        levels = [_Level.count(grams, counts, vocab_size)]
        for length in range(order - 1, 0, -1):
            # Each different longer n-gram is one different token before its last `length` tokens.
            grams, counts = np.unique(grams % vocab_size**length, return_counts=True)
            levels.append(_Level.count(grams, counts, vocab_size))
        return NGram(order, vocab_size, separator, levels[::-1])

    def losses(self, documents: Documents) -> Floats:
        """The loss in nats of every target in order: each document's tokens, then its separator."""
        losses: Floats = -np.log(self._odds(self._packed(documents)))
        return losses

    def _odds(self, grams: Ids) -> Floats:
        """Probability (N,) of the last token of each packed n-gram after those before it."""
        odds: Floats = np.full(len(grams), 1 / self.vocab_size)
        for length, level in enumerate(self._levels, 1):
            suffix = grams % self.vocab_size**length
            given = _look_up(suffix // self.vocab_size, level.contexts, level.given, 1.0)
            odds = _look_up(suffix, level.grams, level.kept, 0.0) + given * odds
        return odds

    def _packed(self, documents: Documents) -> Ids:
        """The n-gram that ends at each target (N,), as one number."""
        before = max(0, self.order - 1)
        lengths = np.array([len(d) + before + 1 for d in documents], dtype=np.int64)
        parts = chain.from_iterable(
            chain(repeat(self.separator, before), d, (self.separator,)) for d in documents
        )
        ids = np.fromiter(parts, dtype=np.int64, count=int(lengths.sum()))
        self._check(ids)
        packed = np.zeros_like(ids)
        for back in range(self.order):
            packed[back:] += ids[: len(ids) - back] * self.vocab_size**back
        is_target = np.ones(len(ids), dtype=bool)
        starts = np.cumsum(lengths) - lengths
        for place in range(before):
            is_target[starts + place] = False
        return packed[is_target]

    def _check(self, ids: Ids) -> None:
        if len(ids) and not 0 <= ids.min() <= ids.max() < self.vocab_size:
            raise BadRequest(f"Token ids must be between 0 and {self.vocab_size - 1:,}.")


def _look_up(keys: Ids, table: Ids, values: Floats, missing: float) -> Floats:
    """The value beside each key in the ascending `table`, or `missing`."""
    place = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    found: Floats = np.where(table[place] == keys, values[place], missing)
    return found

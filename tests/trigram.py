"""A reference to beat: the interpolated trigram model, with add-one smoothing at the bottom."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

WEIGHTS = (0.75, 0.2, 0.05)  # trigram, bigram, unigram


def trigram_loss(
    train: Sequence[Sequence[int]], held_out: Sequence[Sequence[int]], vocab_size: int
) -> float:
    """Mean loss in nats per token of documents between separators (0)."""
    ones: Counter[int] = Counter()
    twos: Counter[tuple[int, int]] = Counter()
    threes: Counter[tuple[int, int, int]] = Counter()
    befores: Counter[tuple[int, int]] = Counter()
    for document in train:
        ids = [0, 0, *document, 0]
        ones.update(ids[2:])
        twos.update(pairwise(ids[1:]))
        threes.update(zip(ids, ids[1:], ids[2:], strict=False))
        befores.update(pairwise(ids[:-1]))
    total = ones.total()
    starts = Counter(a for document in train for a in [0, *document])
    nats, count = 0.0, 0
    for document in held_out:
        ids = [0, 0, *document, 0]
        for a, b, c in zip(ids, ids[1:], ids[2:], strict=False):
            probability = (
                WEIGHTS[0] * threes[a, b, c] / max(1, befores[a, b])
                + WEIGHTS[1] * twos[b, c] / max(1, starts[b])
                + WEIGHTS[2] * (ones[c] + 1) / (total + vocab_size)
            )
            nats -= math.log(probability)
            count += 1
    return nats / count

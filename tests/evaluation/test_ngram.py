"""N-gram models: probabilities that sum to one, Kneser-Ney as it is defined, entropies met."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylm.corpora import load
from tinylm.errors import BadRequest
from tinylm.evaluation.ngram import LEAST_DISCOUNT, ORDERS, NGram
from tinylm.text.tokenizer import train_tokenizer

V = 8  # tokens of the small texts; 0 is the separator
TOKENS = st.integers(1, V - 1)
DOCUMENTS = st.lists(st.lists(TOKENS, max_size=12), min_size=1, max_size=8)
CONTEXTS = st.lists(TOKENS, max_size=4)


class Slow:
    """Interpolated Kneser-Ney written down as its formula, one dictionary a length."""

    def __init__(self, documents: list[list[int]], order: int) -> None:
        self.order = order
        padded = [[0] * (order - 1) + d + [0] for d in documents]
        top = Counter(
            tuple(ids[i + 1 - order : i + 1]) for ids in padded for i in range(order - 1, len(ids))
        )
        self.counts = {order: top}
        for length in range(order - 1, 0, -1):
            longer = self.counts[length + 1]
            self.counts[length] = Counter(gram[1:] for gram in longer)

    def probability(self, context: tuple[int, ...], token: int) -> float:
        length = len(context) + 1
        shorter = self.probability(context[1:], token) if context else 1 / V
        counts = self.counts[length]
        after = {gram[-1]: n for gram, n in counts.items() if gram[:-1] == context}
        if not after:
            return shorter
        n1, n2 = (sum(n == wanted for n in counts.values()) for wanted in (1, 2))
        discount = max(LEAST_DISCOUNT, n1 / (n1 + 2 * n2)) if n1 else LEAST_DISCOUNT
        total = sum(after.values())
        kept = max(after.get(token, 0) - discount, 0) / total
        return kept + discount * len(after) / total * shorter


def odds_after(model: NGram, context: Sequence[int] = ()) -> np.ndarray:
    """The odds (V,) of every next token; `context` begins where the document does."""
    return np.exp([-model.losses([[*context, token]])[len(context)] for token in range(V)])


@given(DOCUMENTS, CONTEXTS, st.integers(0, 3))
@settings(max_examples=80)
def test_odds_sum_to_one_after_every_context_and_none_is_zero(
    documents: list[list[int]], context: list[int], order: int
) -> None:
    model = NGram.fit(documents, order, V)
    for seen in (context, *documents):
        odds = odds_after(model, seen)
        assert odds.shape == (V,)
        assert odds.sum() == pytest.approx(1)
        assert odds.min() > 0


@given(DOCUMENTS, CONTEXTS, st.integers(1, 3))
@settings(max_examples=80)
def test_the_fast_model_agrees_with_the_formula(
    documents: list[list[int]], context: list[int], order: int
) -> None:
    slow = Slow(documents, order)
    before = (0, 0, *context)[len(context) + 3 - order :]
    expected = [slow.probability(before, token) for token in range(V)]
    assert odds_after(NGram.fit(documents, order, V), context) == pytest.approx(expected)


@given(DOCUMENTS, DOCUMENTS, st.integers(0, 3))
@settings(max_examples=80)
def test_losses_are_those_of_the_next_token_of_documents_read_from_their_start(
    documents: list[list[int]], held_out: list[list[int]], order: int
) -> None:
    model = NGram.fit(documents, order, V)
    expected = [
        -math.log(odds_after(model, document[:place])[token])
        for document in held_out
        for place, token in enumerate([*document, 0])
    ]
    losses = model.losses(held_out)
    assert losses == pytest.approx(expected)
    assert np.isfinite(losses).all()


def test_the_unigram_model_is_the_counts() -> None:
    documents = [[1] * 60 + [2] * 29, [3] * 9]  # and two separators at the end
    odds = odds_after(NGram.fit(documents, 1, V))
    counts = np.array([2, 60, 29, 9, 0, 0, 0, 0])
    assert odds == pytest.approx(counts / 100, abs=0.01)
    assert odds[4:] == pytest.approx([odds[4]] * 4)  # what was never seen shares evenly


def test_a_token_that_follows_one_token_only_is_unlikely_elsewhere() -> None:
    # 2 stands as often as 3, but always after 1 (as Francisco after San).
    documents = [[1, 2], [1, 2], [1, 2], [4, 3], [5, 3], [6, 3]]
    odds = odds_after(NGram.fit(documents, 2, V), [7])
    assert odds[3] > 2 * odds[2]


def test_the_bigram_model_comes_to_the_entropy_of_a_bigram_process() -> None:
    draw = np.random.default_rng(0)
    table = draw.dirichlet(np.full(V, 0.5), size=V)
    table[0, 0] = 0  # no empty documents
    table /= table.sum(axis=1, keepdims=True)

    def document() -> list[int]:
        ids = [int(draw.choice(V, p=table[0]))]
        while ids[-1]:
            ids.append(int(draw.choice(V, p=table[ids[-1]])))
        return ids[:-1]

    documents, held_out = ([document() for _ in range(n)] for n in (4000, 800))
    surprises = [-math.log(table[a, b]) for d in held_out for a, b in pairwise([0, *d, 0])]
    entropy = np.mean(surprises)
    loss = {order: NGram.fit(documents, order, V).losses(held_out).mean() for order in range(4)}
    assert entropy <= loss[2] < entropy + 0.01
    assert loss[2] <= loss[3] < entropy + 0.03  # nothing more to learn, only more to estimate
    assert loss[1] > loss[2] + 0.1
    assert loss[0] == pytest.approx(math.log(V))


def test_each_longer_model_does_better_on_the_made_world() -> None:
    corpus = load("world", 1500)
    tokenizer = train_tokenizer((d.text for d in corpus.train), 512)
    train, held_out = (
        tokenizer.encode_batch([d.text for d in split]) for split in (corpus.train, corpus.val)
    )
    losses = [
        NGram.fit(train, order, tokenizer.vocab_size).losses(held_out).mean()
        for order in ORDERS.values()
    ]
    assert losses[0] == pytest.approx(math.log(512))
    assert losses == sorted(losses, reverse=True)
    assert losses[3] < losses[2] - 0.3


@pytest.mark.parametrize(
    ("documents", "order", "vocab_size", "words"),
    [
        ([], 2, V, "at least one document"),
        ([[1, V]], 2, V, "between 0 and 7"),
        ([[-1]], 1, V, "between 0 and 7"),
        ([[1]], 8, 4096, "too large"),
    ],
)
def test_nonsense_is_refused(
    documents: list[list[int]], order: int, vocab_size: int, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        NGram.fit(documents, order, vocab_size)

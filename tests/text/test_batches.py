"""Batches depend on seed and step alone, begin where documents begin, and lose no target."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylm.errors import BadRequest
from tinylm.finetuning import replayed, steps_with_replay
from tinylm.text.batches import (
    IGNORE,
    DocumentBatches,
    ExampleBatches,
    ReplayBatches,
    answer_rows,
    validation_set,
)

DOCUMENTS = st.lists(
    st.lists(st.integers(1, 99), min_size=1, max_size=40), min_size=1, max_size=12
).filter(lambda documents: sum(len(d) + 2 for d in documents) > 9)


@given(DOCUMENTS, st.integers(0, 5))
@settings(max_examples=60)
def test_a_batch_is_a_function_of_seed_and_step(documents: list[list[int]], step: int) -> None:
    def make() -> DocumentBatches:
        return DocumentBatches(documents, 2, 8, 0, seed=3)

    walked = make()
    for earlier in range(step + 3):
        walked.batch(earlier)
    again, direct = walked.batch(step), make().batch(step)
    assert torch.equal(again[0], direct[0])
    assert torch.equal(again[1], direct[1])


@given(DOCUMENTS)
@settings(max_examples=60)
def test_targets_are_the_next_tokens_of_real_documents(documents: list[list[int]]) -> None:
    batches = DocumentBatches(documents, 2, 8, 0, seed=0)
    pairs = {(0, d[0]) for d in documents} | {(d[-1], 0) for d in documents}
    pairs |= {pair for d in documents for pair in pairwise(d)}
    known = {token for d in documents for token in d}
    for step in range(4):
        ids, targets = batches.batch(step)
        assert ids.shape == targets.shape == (2, 8)
        assert torch.equal(ids[:, 1:], targets[:, :-1])
        seen = list(zip(ids.flatten().tolist(), targets.flatten().tolist(), strict=True))
        # Where a long document's window ends, another document may begin.
        assert all(pair in pairs or pair[1] in known | {0} for pair in seen)


def test_rows_of_short_documents_begin_with_a_separator_and_cross_none_half_way() -> None:
    documents = [[i] * 3 for i in range(1, 50)]
    batches = DocumentBatches(documents, 4, 16, 0, seed=0)
    for step in range(20):
        ids, _ = batches.batch(step)
        assert torch.all(ids[:, 0] == 0)
        for row in ids.tolist():
            for left, right in pairwise(row):
                assert left == right or 0 in (left, right)


def test_pieces_of_a_long_document_say_nothing_twice() -> None:
    documents = [[100 * i + j for j in range(1, 41)] for i in range(1, 9)]  # 40 different ids each
    batches = DocumentBatches(documents, 4, 16, 0, 1)
    for step in range(20):
        ids, targets = batches.batch(step)
        assert not (ids == targets).any()


def test_an_epoch_passes_over_every_document_in_a_new_order() -> None:
    documents = [[i] * 7 for i in range(1, 33)]  # one document and its separator fill a row
    batches = DocumentBatches(documents, 8, 8, 0, seed=0)
    epochs = [
        [int(row[1]) for step in range(4) for row in batches.batch(4 * epoch + step)[0]]
        for epoch in range(2)
    ]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(1, 33))
    assert epochs[0] != epochs[1]


def test_a_text_shorter_than_the_context_is_refused_with_the_number() -> None:
    with pytest.raises(BadRequest, match="one context of 64 tokens"):
        DocumentBatches([[1, 2, 3]], 2, 64, 0, seed=0)


@given(DOCUMENTS, st.integers(2, 20))
@settings(max_examples=60)
def test_validation_scores_every_token_once(documents: list[list[int]], block_size: int) -> None:
    data = validation_set(documents, [len(d) for d in documents], block_size, 0, rows=3)
    scored = [t for _, targets in data.batches for t in targets.flatten().tolist() if t != IGNORE]
    expected = [t for d in documents for t in [*d, 0]]
    assert sorted(scored) == sorted(expected)
    assert data.num_tokens == len(expected)
    assert data.num_bytes == sum(map(len, documents))
    assert all(ids.shape[1] <= block_size for ids, _ in data.batches)


def test_validation_stops_at_its_number_of_tokens() -> None:
    data = validation_set([[1] * 10] * 100, [10] * 100, 16, 0, max_tokens=50)
    assert data.num_tokens <= 55


def test_only_answers_are_targets() -> None:
    ids, targets = answer_rows([([5, 6, 7], [8, 9]), ([5], [3])])
    assert ids.tolist() == [[5, 6, 7, 8], [5, 0, 0, 0]]
    assert targets.tolist() == [[IGNORE, IGNORE, 8, 9], [3, IGNORE, IGNORE, IGNORE]]


def test_examples_come_equally_often() -> None:
    batches = ExampleBatches([([i], [i]) for i in range(6)], batch_size=4, seed=1)
    seen = [int(i) for step in range(3) for i in batches.batch(step)[0][:, 0]]
    assert sorted(seen) == sorted([*range(6)] * 2)


def test_no_examples_are_refused() -> None:
    with pytest.raises(BadRequest, match="at least one"):
        ExampleBatches([], 4, 0)


@given(st.integers(0, 9), st.integers(1, 60))
@settings(max_examples=60)
def test_replay_leaves_the_examples_as_they_were(tenth: int, labelled: int) -> None:
    share = tenth / 10
    examples = ExampleBatches([([i], [i]) for i in range(1, 6)], batch_size=2, seed=1)
    documents = DocumentBatches([[9] * 7 + [i] for i in range(10, 60)], 2, 8, 0, seed=1)
    mixed = ReplayBatches(examples, documents, share)
    steps = steps_with_replay(labelled, share)
    batches = [mixed.batch(step) for step in range(steps)]
    own = [ids for ids, _ in batches if ids.shape[1] == 1]
    again = [ids for ids, _ in batches if ids.shape[1] == 8]
    assert len(own) == labelled
    assert len(own) + len(again) == steps
    assert len(again) / steps == pytest.approx(share, abs=1 / steps)
    for number, ids in enumerate(own):
        assert torch.equal(ids, examples.batch(number)[0])
    for number, ids in enumerate(again):
        assert torch.equal(ids, documents.batch(number)[0])


def test_replay_is_spread_evenly_and_ends_on_an_example() -> None:
    def kinds(share: float, labelled: int) -> str:
        marks = [replayed(i + 1, share) - replayed(i, share) for i in range(99)]
        return "".join("er"[mark] for mark in marks[: steps_with_replay(labelled, share)])

    assert kinds(0.0, 4) == "eeee"
    assert kinds(0.25, 6) == "eeereee"
    assert kinds(0.5, 3) == "erere"
    assert kinds(0.75, 2) == "errre"

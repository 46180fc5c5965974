"""Merges: the same as those of a simple learner, and soon learned on a text without spaces."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from tests.text.naive_merges import learn_merges as naive_merges
from tinylm.corpora import load
from tinylm.text import merges
from tinylm.text.merges import LONGEST, learn_merges
from tinylm.text.tokenizer import PATTERN, WIDEST, Tokenizer, train_tokenizer


def pieces_of(texts: list[str]) -> Counter[str]:
    return Counter(piece for text in texts for piece in regex.findall(PATTERN, text))


@pytest.mark.parametrize("corpus", ["world", "python", "names"])
def test_ordinary_text_teaches_the_merges_of_a_simple_learner(corpus: str) -> None:
    pieces = pieces_of([document.text for document in load(corpus, 500).train])
    assert learn_merges(pieces, 1_792) == naive_merges(pieces, 1_792)


@given(st.lists(st.text("ab ä", max_size=40), max_size=6), st.integers(0, 60))
def test_repetitions_do_as_well(texts: list[str], number: int) -> None:
    pieces = pieces_of(texts)
    assert learn_merges(pieces, number) == naive_merges(pieces, number)


def dna(random: random.Random) -> str:
    return "".join(random.choices("ACGT", k=400_000))


def digits(random: random.Random) -> str:
    return "".join(random.choices("0123456789", k=190_000))


def chinese(random: random.Random) -> str:
    characters = [chr(0x4E00 + i) for i in range(3_000)]
    weights = [1 / (i + 1) for i in range(3_000)]
    return "".join(random.choices(characters, weights, k=100_000))


@pytest.mark.parametrize("text_of", [digits, chinese, dna])
def test_a_text_without_spaces_takes_seconds(text_of: Callable[[random.Random], str]) -> None:
    text = text_of(random.Random(1))
    began = time.process_time()
    tokenizer = train_tokenizer([text], WIDEST)
    ids = tokenizer.encode(text)
    assert time.process_time() - began < 8  # a busy machine; alone it takes 1 to 3
    assert tokenizer.vocab_size == WIDEST
    assert len(ids) < len(text.encode()) / 2
    assert tokenizer.decode(ids) == text


def test_of_too_many_pieces_the_most_frequent_ones_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merges, "MAX_BYTES", 7)  # one of "xy" is left
    found = learn_merges(Counter({"xy": 1, "aa": 2, "bcbc": 3}), 9)
    assert found == [(98, 99), (256, 256), (97, 97)]


def test_no_token_is_longer_than_a_tokenizer_may_have() -> None:
    tokenizer = train_tokenizer(["a" * 5 * LONGEST], WIDEST)
    assert max(len(tokenizer.token_bytes(i)) for i in range(tokenizer.vocab_size)) <= LONGEST
    assert Tokenizer.from_json(tokenizer.to_json()).merges == tokenizer.merges


def test_learning_says_how_far_it_is() -> None:
    told: list[int] = []
    train_tokenizer(["one two three", "one two"], 266, told.append)
    assert told[0] == 0 and told[-1] == 8 and told == sorted(told)

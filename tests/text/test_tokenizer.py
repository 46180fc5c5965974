"""The round trip holds for any string; ids agree with an independent library."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as Reference

from tests.tiny import documents
from tinylm.corpora import load
from tinylm.errors import BadRequest, CheckpointError
from tinylm.text.tokenizer import MAX_VOCAB, PATTERN, Tokenizer, train_tokenizer

TEXTS = [d.text for d in load("world", 600).train]
LEARNED = train_tokenizer(TEXTS, 700)
# Hugging Face writes each byte as a printable character: the printable ones as they are,
# the others from U+0100 on (GPT-2's table).
_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_SPELLING = {b: chr(b) for b in _PRINTABLE} | {
    b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in _PRINTABLE)
}


def spelled(data: bytes) -> str:
    return "".join(_SPELLING[b] for b in data)


def reference(tokenizer: Tokenizer) -> Reference:
    """Hugging Face's BPE with our merges."""
    words = [spelled(tokenizer.token_bytes(i)) for i in range(tokenizer.vocab_size)]
    made = Reference(
        models.BPE(
            vocab={word: i for i, word in enumerate(words)},
            merges=[(words[a], words[b]) for a, b in tokenizer.merges],
        )
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return made


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_decoding_what_was_encoded_gives_the_text_back(text: str) -> None:
    assert LEARNED.decode(LEARNED.encode(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_ids_are_those_of_an_independent_encoder_with_our_merges(text: str) -> None:
    assert LEARNED.encode(text) == reference(LEARNED).encode(text).ids


def test_an_independent_trainer_learns_as_good_a_code() -> None:
    other = Reference(models.BPE())
    other.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = list(_SPELLING.values())
    other.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(vocab_size=700, initial_alphabet=alphabet, show_progress=False),
    )
    ours = sum(len(LEARNED.encode(text)) for text in TEXTS)
    theirs = sum(len(other.encode(text).ids) for text in TEXTS)
    # Ties between equally frequent pairs are broken differently, so not to the token.
    assert abs(ours - theirs) / theirs < 0.005


def test_a_smaller_vocabulary_is_a_prefix_of_a_larger_one() -> None:
    assert train_tokenizer(TEXTS, 400).merges == LEARNED.truncated(400).merges


def test_256_tokens_are_the_bytes() -> None:
    tokenizer = train_tokenizer(TEXTS, 256)
    assert tokenizer.encode("née") == list("née".encode())


def test_more_merges_give_fewer_tokens() -> None:
    text = " ".join(TEXTS[:50])
    counts = [len(LEARNED.truncated(size).encode(text)) for size in (256, 300, 400, 700)]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 4


def test_a_small_text_gives_fewer_merges_and_no_error() -> None:
    assert train_tokenizer(["ab ab"], 4096).vocab_size == 258
    assert train_tokenizer([], 4096).vocab_size == 256


@pytest.mark.parametrize("size", [255, MAX_VOCAB + 1])
def test_a_vocabulary_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(BadRequest, match="between 256 and 4,096"):
        train_tokenizer(documents(2), size)


def test_half_a_character_is_refused_in_words() -> None:
    with pytest.raises(BadRequest, match="half a character"):
        LEARNED.encode("\ud800")


def test_bytes_are_counted_without_separators() -> None:
    ids = [LEARNED.separator, *LEARNED.encode("déjà vu"), LEARNED.separator]
    assert LEARNED.num_bytes(ids) == len("déjà vu".encode())


def test_saving_and_loading_keeps_the_ids(tmp_path: Path) -> None:
    LEARNED.save(tmp_path / "tokenizer.json")
    assert Tokenizer.load(tmp_path / "tokenizer.json").encode(TEXTS[0]) == LEARNED.encode(TEXTS[0])


@pytest.mark.parametrize(
    "content", ["", "{}", '{"version": 9}', '{"version": 1, "pattern": "x", "merges": []}', "[[1"]
)
def test_a_damaged_file_is_named_as_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError):
        Tokenizer.load(tmp_path / "tokenizer.json")


@pytest.mark.parametrize("merges", [[(0, 256)], [(97, 98), (97, 98)]])
def test_merges_that_make_no_sense_are_refused(merges: list[tuple[int, int]]) -> None:
    with pytest.raises(BadRequest):
        Tokenizer(merges)

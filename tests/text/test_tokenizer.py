"""The round trip holds for any string; ids agree with an independent library."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as Reference

from tests.tiny import documents
from tinylm.corpora import load
from tinylm.errors import BadRequest, CheckpointError
from tinylm.text.tokenizer import (
    GPT2_PATTERN,
    MAX_VOCAB,
    PATTERN,
    Tokenizer,
    train_tokenizer,
)

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
    with pytest.raises(BadRequest, match="between 256 and 16,384"):
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


def stored(**fields: object) -> str:
    good = {"version": 2, "pattern": PATTERN, "merges": [[97, 98], [256, 99]]}
    return json.dumps(good | fields)


DAMAGED = {
    "nothing": "",
    "no fields": "{}",
    "cut": "[[1",
    "another version": stored(version=9),
    "the pattern of another version": stored(version=1),
    "an unknown pattern": stored(pattern="x"),
    "a number of 400 digits": stored().replace("97", "9" * 400),
    "nested 100,000 deep": "[" * 100_000,
    "nested deep where nothing is read": stored()[:-1] + ', "more": ' + "[" * 100_000,
    "no pairs": stored(merges=[[97], [98]]),
    "three of a pair": stored(merges=[[97, 98, 99]]),
    "no list": stored(merges={"97": 98}),
    "truth values": stored(merges=[[True, False]]),
    "strings": stored(merges=[["97", "98"]]),
    "below 0": stored(merges=[[-1, 98]]),
    "infinite": stored().replace("97", "1e999"),
    "a token that comes later": stored(merges=[[97, 257]]),
    "the same token twice": stored(merges=[[97, 98], [97, 98]]),
    "too many merges": stored(merges=[[97, 98]] * 4_000),
    "tokens of terabytes": stored(merges=[[97, 97], *([i, i] for i in range(256, 300))]),
    "half a character": '{"version": "\ud800"}',
    "no letters": "\0" * 2_000_000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_named_as_one(tmp_path: Path, content: str) -> None:
    with pytest.raises(CheckpointError):
        Tokenizer.from_json(content)
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(CheckpointError):
        Tokenizer.load(path)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_whatever_stands_for_the_merges_is_read_or_named_damaged(merges: object) -> None:
    with contextlib.suppress(CheckpointError):
        Tokenizer.from_json(stored(merges=merges))


# Sentences of our own in scripts whose vowels are marks. Marks join on to letters.
MARKED = {
    "Devanagari": "छोटा कुत्ता गरम घर में सोता है।",
    "Arabic with its vowels": "يَنامُ الكَلْبُ الصَّغيرُ في البَيْتِ.",
    "Thai": "สุนัขตัวเล็กนอนหลับอยู่ในบ้านที่อบอุ่น",
    "accents apart": unicodedata.normalize("NFD", "Où est le château du petit élève ?"),
}


@pytest.mark.parametrize("text", MARKED.values(), ids=MARKED)
def test_marks_stay_with_their_letters(text: str) -> None:
    now, before = (regex.findall(pattern, text) for pattern in (PATTERN, GPT2_PATTERN))
    assert "".join(now) == text and len(now) < len(before)
    assert not any(unicodedata.category(piece[0]).startswith("M") for piece in now)
    learned = train_tokenizer([text], 400)
    as_before = Tokenizer([], version=1)
    assert len(learned.encode(text)) < len(as_before.encode(text)) / 2


@given(st.text(st.characters(exclude_categories=["Cs", "Mn", "Mc", "Me"])))
def test_text_without_marks_is_cut_as_gpt2_cuts_it(text: str) -> None:
    assert regex.findall(PATTERN, text) == regex.findall(GPT2_PATTERN, text)


def test_a_stored_tokenizer_keeps_the_pattern_it_was_learned_with(tmp_path: Path) -> None:
    merges = [(0xE0, 0xA4), (256, 0x95), (256, 0xBF), (257, 258)]  # क, ि, and both together
    path = tmp_path / "tokenizer.json"
    path.write_text(
        json.dumps({"version": 1, "pattern": GPT2_PATTERN, "merges": merges}), encoding="utf-8"
    )
    earlier = Tokenizer.load(path)
    assert (earlier.encode("कि"), Tokenizer(merges).encode("कि")) == ([257, 258], [259])
    earlier.save(path)
    for kept in (Tokenizer.load(path), earlier.truncated(260)):
        assert (kept.version, kept.pattern, kept.encode("कि")) == (1, GPT2_PATTERN, [257, 258])


@pytest.mark.parametrize("merges", [[(0, 256)], [(97, 98), (97, 98)]])
def test_merges_that_make_no_sense_are_refused(merges: list[tuple[int, int]]) -> None:
    with pytest.raises(BadRequest):
        Tokenizer(merges)

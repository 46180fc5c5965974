"""Copies of training text: the same as a slow search finds, in every small text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tinylm.answers import corpora as answers
from tinylm.corpora.copied import copies, word_index
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig
from tinylm.questions.corpora import Copied, Copies, Copy

DOCUMENTS = ("The cow eats grass. The cow says moo.", "A fox\n  hides in the den.")


def copied(text: str, least: int = 3) -> list[str]:
    found = copies(word_index(DOCUMENTS), text, least)
    return [text[one.start : one.end] for one in found.copies]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Once the cow eats grass. Then", ["cow eats grass."]),
        (
            "Then A fox hides in\nthe den. And The cow says.",
            ["A fox hides in\nthe den.", "The cow says"],
        ),
        ("The cow sleeps", []),  # two words are too few
        ("The cow says moo. A fox hides", ["The cow says moo.", "A fox hides"]),  # in two documents
        ("grass. The cow eats grass.", ["grass. The cow", "eats grass."]),
        ("", []),
        ("zither zither zither", []),
    ],
)
def test_the_longest_spans_are_found_from_left_to_right(text: str, expected: list[str]) -> None:
    assert copied(text) == expected


def test_a_copy_says_where_it_stands_and_how_often() -> None:
    index = word_index(("x y z.", "a b c d", "b c d e b c d"))
    assert copies(index, "b c d", 3) == Copies((Copy(0, 5, 3, 1, 3),), 3, 3, 15)
    longest = copies(index, "x y z b c d e", 3).longest
    assert longest is not None and (longest.words, longest.document) == (4, 2)
    assert copies(word_index(()), "b c d", 3) == Copies((), 3, 0, 0)


def test_writing_without_spaces_is_copied_letter_by_letter() -> None:
    index = word_index(("北京是中国的首都",))
    assert [one.words for one in copies(index, "说北京是中国", 3).copies] == [5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e", 2),  # Hindi
        ("\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48", 2),  # Thai: two letters, each with two signs
        ("cafe\u0301 noir", 2),  # an accent that is a character of its own
    ],
)
def test_signs_on_letters_are_no_words_of_their_own(text: str, words: int) -> None:
    assert copies(word_index(()), text, 3).words == words


def test_a_slow_search_finds_the_same() -> None:
    draw = random.Random(1)
    for _ in range(200):
        documents = ["".join(draw.choice("ab ") for _ in range(30)) for _ in range(3)]
        words = "".join(draw.choice("ab ") for _ in range(25)).split()
        least = draw.randint(2, 4)
        found = copies(word_index(documents), " ".join(words), least)
        assert [one.words for one in found.copies] == _slowly(documents, words, least)


def _slowly(documents: list[str], words: list[str], least: int) -> list[int]:
    padded = [f" {' '.join(document.split())} " for document in documents]
    found, at = [], 0
    while at < len(words):
        length = max(
            (
                n
                for n in range(least, len(words) - at + 1)
                if any(f" {' '.join(words[at : at + n])} " in one for one in padded)
            ),
            default=0,
        )
        found += [length] if length else []
        at += max(1, length)
    return found


def test_what_cannot_be_asked_is_refused_in_words(home: Path) -> None:
    with pytest.raises(BadRequest, match="shorten it"):
        answers.copied(Copied("names", "a" * 20_001), home)
    with pytest.raises(BadRequest, match="2 to 100 words"):
        answers.copied(Copied("names", "a", least=0), home)


def test_copies_are_looked_for_in_the_text_as_it_was_told(home: Path) -> None:
    line = "the secret code of zob is one two three four"
    told = TextConfig(planted=f"8 x {line}").changes
    assert answers.copied(Copied("world", line, 40, told=told), home).copied == 10
    assert answers.copied(Copied("world", line, 40), home).copied == 0

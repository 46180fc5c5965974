"""Finds what a text copies word for word from the documents of a corpus.

A corpus is read once into an array of word numbers. A copy is found where a window of a few words
has the same hash in both texts, and is then compared word by word and made as long as it goes.
Figures of time and memory stand in docs/measurements.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import regex

from tinylm.questions.corpora import Copies, Copy

# Words, single marks, and single letters of writing without spaces, which is Chinese, Japanese,
# Thai, Lao, Burmese and Khmer. The signs for vowels and tones belong to their letters. Spaces and
# line breaks count for nothing, so that a copy may be broken into other lines.
_LETTERS = r"\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_WORD = regex.compile(rf"[{_LETTERS}]\p{{M}}*|[^\W{_LETTERS}]+|[^\w\s]")
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no power of it loses a bit
_BETWEEN = 0  # the number that stands between two documents
_UNKNOWN = -1  # the number of a word that the corpus does not have

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class WordIndex:
    """The words of all documents as numbers, and where each document begins."""

    number: dict[str, int]  # of each different word, from 1 on
    words: Numbers  # with _BETWEEN after every document
    starts: npt.NDArray[np.int64]


def word_index(texts: Sequence[str]) -> WordIndex:
    """Number the words of these documents."""
    number: dict[str, int] = {}
    parts, starts, size = [], [], 0
    for text in texts:
        found = _WORD.findall(text)
        numbers = [number.setdefault(word, len(number) + 1) for word in found]
        starts.append(size)
        size += len(numbers) + 1
        parts.append(np.array([*numbers, _BETWEEN], np.int32))
    words = np.concatenate(parts) if parts else np.empty(0, np.int32)
    return WordIndex(number, words, np.array(starts, np.int64))


def copies(index: WordIndex, text: str, least: int) -> Copies:
    """The spans of at least `least` words of `text` that stand in one document of the corpus.

    They are as long as possible, from left to right and without overlaps. Upper and lower case
    and punctuation must agree; spaces and line breaks need not.
    """
    places = [match.span() for match in _WORD.finditer(text)]
    mine = np.array([index.number.get(text[a:b], _UNKNOWN) for a, b in places], np.int32)
    corpus_words = len(index.words) - len(index.starts)
    found: list[Copy] = []
    if len(mine) >= least and len(index.words) >= least:
        theirs = _windows(index, mine, least)
        at = 0
        while at + least <= len(mine):
            length, starts = _longest(index.words, mine, at, theirs[at], least)
            if length:
                document = int(np.searchsorted(index.starts, starts[0], "right")) - 1
                begin, end = places[at][0], places[at + length - 1][1]
                found.append(Copy(begin, end, length, document, len(starts)))
            at += max(1, length)
    return Copies(tuple(found), len(mine), sum(one.words for one in found), corpus_words)


def _windows(index: WordIndex, mine: Numbers, size: int) -> list[npt.NDArray[np.int64]]:
    """For each place of `mine`, where in the corpus a window of `size` words has the same hash."""
    wanted = _hashes(mine, size)
    ranked = np.sort(wanted)
    theirs = _hashes(index.words, size)
    first = np.searchsorted(ranked, theirs)
    hits = np.flatnonzero(ranked[np.minimum(first, len(ranked) - 1)] == theirs)
    hits = hits[np.argsort(theirs[hits], kind="stable")]
    begins = np.searchsorted(theirs[hits], wanted, "left")
    ends = np.searchsorted(theirs[hits], wanted, "right")
    return [hits[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _hashes(numbers: Numbers, size: int) -> npt.NDArray[np.uint64]:
    """A hash of each window of `size` numbers."""
    count = len(numbers) - size + 1
    found = np.zeros(count, np.uint64)
    for i in range(size):
        found *= _BASE
        found += numbers[i : i + count].astype(np.uint64)
    return found


def _longest(
    theirs: Numbers, mine: Numbers, at: int, starts: npt.NDArray[np.int64], least: int
) -> tuple[int, npt.NDArray[np.int64]]:
    """How many words from `mine[at]` on stand in the corpus, and where; 0 words if under `least`.

    Equal hashes prove nothing, so every word is compared.
    """
    length = 0
    while at + length < len(mine) and len(starts):
        inside = starts[starts + length < len(theirs)]
        more = inside[theirs[inside + length] == mine[at + length]]
        if not len(more):
            break
        starts, length = more, length + 1
    return (length, starts) if length >= least else (0, starts)

"""How much of the validation text stands in the training text: by lines, and by short pieces.

Whole documents may all differ and still say the same. The work grows with the length of the text,
and of the training text nothing is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from tinylm.corpora.corpus import Corpus, Document
from tinylm.questions.corpora import Repeated

PIECE_WORDS = 8
PIECE_CHARACTERS = 50  # where a text is written without spaces
LONG_WORDS = 15  # characters from space to space, on average, of a text without spaces

T = TypeVar("T", bound=Hashable)


def repeated_lines(corpus: Corpus) -> Repeated:
    """The lines of validation text that stand in training, but for case and white space."""
    return _repeated("lines", _lines(corpus.val), _lines(corpus.train))


def repeated_pieces(corpus: Corpus) -> Repeated:
    """The same for pieces into which each validation document is cut, one after the other.

    A piece has PIECE_WORDS words, or PIECE_CHARACTERS characters in a text without spaces, and
    counts as seen wherever it stands in a training document. What is left at the end of a document
    is no piece.
    """
    if _without_spaces(corpus.val):
        size, name, units = PIECE_CHARACTERS, f"{PIECE_CHARACTERS} characters", _letters
    else:
        size, name, units = PIECE_WORDS, f"{PIECE_WORDS} words", _words
    pieces = (piece for d in corpus.val for piece in _runs(units(d), size, step=size))
    return _repeated(name, pieces, (run for d in corpus.train for run in _runs(units(d), size)))


def _repeated(unit: str, val: Iterable[T], train: Iterable[T]) -> Repeated:
    counts = Counter(val)
    left = set(counts)
    for one in train:
        left.discard(one)
    found = counts.total() - sum(counts[one] for one in left)
    return Repeated(unit, counts.total(), found)


def _lines(documents: Sequence[Document]) -> Iterator[str]:
    lines = (" ".join(line.split()) for d in documents for line in d.text.casefold().splitlines())
    return filter(None, lines)


def _without_spaces(documents: Sequence[Document]) -> bool:
    words = sum(len(document.text.split()) for document in documents)
    return sum(len(document.text) for document in documents) > LONG_WORDS * words


def _words(document: Document) -> Sequence[str]:
    return document.text.casefold().split()


def _letters(document: Document) -> Sequence[str]:
    return " ".join(_words(document))


def _runs(units: Sequence[str], size: int, step: int = 1) -> Iterator[Hashable]:
    """Runs of `size` units, each `step` units after the one before."""
    starts = range(0, len(units) - size + 1, step)
    if isinstance(units, str):
        return (units[start : start + size] for start in starts)
    return (tuple(units[start : start + size]) for start in starts)

"""What the lesson says: the points, questions, statements and sources of its .toml files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

T = TypeVar("T")

Depth = Literal["One sentence", "One paragraph", "A discussion"]
DEPTHS: tuple[Depth, ...] = ("One sentence", "One paragraph", "A discussion")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that must stand near each other: one of each line of `words`; see points.toml."""

    within: int  # number of words, from the first to the last one found
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()  # lines of words that may not come right after the place

    @property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """The alternatives of each line."""
        return tuple(map(_alternatives, self.words))

    @property
    def barred(self) -> tuple[str, ...]:
        """What may not come right after the place."""
        return tuple(term for line in self.unless for term in _alternatives(line))


def _alternatives(line: str) -> tuple[str, ...]:
    return tuple(term.strip() for term in line.split("|"))


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing that a good explanation mentions."""

    name: str
    group: str
    title: str
    why: str
    lesson: str  # the folder of the lesson with the experiment
    rules: tuple[Rule, ...]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A publication."""

    authors: str
    year: int
    title: str
    address: str


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question with an answer of ours."""

    depth: Depth
    ask: str
    answer: str
    sources: tuple[str, ...]  # keys of `sources()`


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement to be judged."""

    name: str
    says: str
    true: bool
    because: str
    lesson: str


class WordLists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that rules treat in their own way; see points.toml."""

    denials: frozenset[str]
    before: frozenset[str]
    turns: frozenset[str]
    urges: frozenset[str]
    knowing: frozenset[str]
    quantities: frozenset[str]
    small: frozenset[str]


class _Points(msgspec.Struct):
    words: WordLists
    points: tuple[Point, ...]


class _Questions(msgspec.Struct):
    questions: tuple[Question, ...]


class _Statements(msgspec.Struct):
    statements: tuple[Statement, ...]


@cache
def points() -> tuple[Point, ...]:
    """The points of the checklist, in their order."""
    return _read("points.toml", _Points).points


@cache
def word_lists() -> WordLists:
    return _read("points.toml", _Points).words


@cache
def questions() -> tuple[Question, ...]:
    return _read("questions.toml", _Questions).questions


@cache
def statements() -> tuple[Statement, ...]:
    return _read("misconceptions.toml", _Statements).statements


@cache
def sources() -> dict[str, Source]:
    """All sources by the name under which answers cite them."""
    return _read("sources.toml", dict[str, Source])


def _read(name: str, kind: type[T]) -> T:
    return msgspec.toml.decode(Path(__file__).with_name(name).read_bytes(), type=kind)

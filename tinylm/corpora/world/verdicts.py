"""What the tables of a world say about a statement, and which of their answers are the only one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from tinylm.errors import BadRequest


class Verdict(StrEnum):
    """What the tables say about a statement."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_CHECKABLE = "not checkable"


class Judgement(NamedTuple):
    """A verdict on one statement, with the place of the words that decided it."""

    verdict: Verdict
    start: int
    end: int
    truth: str  # what would be right in place of a wrong answer; "" if the tables name nothing
    reason: str  # a phrase such as "the tables say Paris"


def open_question(start: int, end: int, reason: str) -> Judgement:
    """The judgement that a statement cannot be checked."""
    return Judgement(Verdict.NOT_CHECKABLE, start, end, "", reason)


BREAKS_OFF = "the text breaks off here"
NO_STATEMENT = "no sentence that the tables can check"
STORY = "a story about people, of whom the tables know nothing"


class Openness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a relation can have other right answers than the one in its table."""

    several: bool = False
    akin: tuple[str, ...] = ()  # tables and relations whose words may be right answers, too
    mutual: bool = False  # who has another subject as the answer is the answer of that one
    within: str = ""  # a column with groups: an answer that no other of the group has is wrong
    also: tuple[tuple[str, str], ...] = ()  # pairs, read both ways, that may be right as well


def read_openness(source: Path, value: object) -> Openness:
    """Read the "openness" of a relation from a world's file. Raises BadRequest."""
    try:
        return msgspec.convert(value, Openness)
    except msgspec.ValidationError as error:
        raise BadRequest(f'{source.name}: "openness" is wrong: {error}.') from None

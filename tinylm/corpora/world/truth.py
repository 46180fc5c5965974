"""Divides a text into statements, each of them right, wrong or not checkable by a world's tables.

A statement is a sentence of prose, a line of a worksheet, or a field of an info-box. readings.py
reads sentences, sheets.py lines and fields, and knowledge.py says what the tables know.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tinylm.corpora.world.knowledge import Knowledge
from tinylm.corpora.world.readings import Sentences
from tinylm.corpora.world.sheets import Line, Sheets
from tinylm.corpora.world.verdicts import Judgement, Verdict
from tinylm.corpora.world.world import World

__all__ = ["Statement", "Tally", "Verdict", "check", "tally"]

_LINE = re.compile(r"(?P<left>[^\n]+?)(?P<separator> -> | => | = |: )(?P<right>[^\n]+)")
_SENTENCE = re.compile(r"(?P<words>[^\s.!?][^.!?]*)[.!?]*")
_FIELD = re.compile(r"(?<= \| )[^|]+?(?= \| |$)")
_KEPT = 4  # worlds whose checkers are kept


@dataclass(frozen=True)
class Statement:
    """A sentence or line at `text[start:end]`, and what the tables say about it.

    The words that decide stand at `text[mark_start:mark_end]`: the answer, or the whole statement
    where it cannot be checked.
    """

    start: int
    end: int
    verdict: Verdict
    mark_start: int
    mark_end: int
    truth: str  # what would be right in place of a wrong answer; "" if the tables name nothing
    reason: str  # why: a phrase such as "the tables say Paris"


class Tally(NamedTuple):
    """How many statements are right, wrong and not checkable."""

    right: int
    wrong: int
    not_checkable: int


def tally(statements: Iterable[Statement]) -> Tally:
    """Count statements by verdict."""
    counts = Counter(statement.verdict for statement in statements)
    return Tally(*(counts[verdict] for verdict in Verdict))


def check(text: str, world: World) -> list[Statement]:
    """All sentences, lines and fields of `text` in order, with the verdict of `world` on each."""
    return list(_checker(world).check(text))


class _Checker:
    """What is prepared once for a world, to check many texts."""

    def __init__(self, world: World) -> None:
        knowledge = Knowledge(world)
        self._sentences = Sentences(world, knowledge)
        self._sheets = Sheets(world, knowledge)

    def check(self, text: str) -> Iterator[Statement]:
        block: list[Line] = []
        separator = ""
        for match in re.finditer(r"[^\n]+", text):
            line = match[0].rstrip()
            start, end = match.start(), match.start() + len(line)
            whole = match.end() < len(text)
            found = (
                None if " | " in line or line.endswith((".", "!", "?")) else _LINE.fullmatch(line)
            )
            if block and (found is None or found["separator"] != separator):
                yield from self._block(block)
                block = []
            if found is not None:
                separator = found["separator"]
                places = (start, start + found.start("right"), end)
                block.append(Line(found["left"].lstrip(), found["right"], *places, whole))
            elif " | " in line:
                yield from self._box(line, start, whole)
            else:
                yield from self._prose(line, start, whole)
        yield from self._block(block)

    def _block(self, lines: list[Line]) -> Iterator[Statement]:
        for line, judgement in zip(lines, self._sheets.judge_block(lines), strict=True):
            yield _statement(line.start, line.end, judgement)

    def _box(self, line: str, start: int, whole: bool) -> Iterator[Statement]:
        name = line.partition(" | ")[0].lstrip()
        for field in _FIELD.finditer(line):
            a, b = start + field.start(), start + field.end()
            ended = whole or b < start + len(line)
            judgement = self._sheets.judge_field(name, Line(name, field[0], a, a, b, ended))
            yield _statement(a, b, judgement)

    def _prose(self, line: str, start: int, whole: bool) -> Iterator[Statement]:
        subject = ""
        for found in _SENTENCE.finditer(line):
            words = found["words"].rstrip()
            ended = whole or found.end() > found.end("words")
            judgement, subject = self._sentences.judge(words, subject, ended)
            yield _statement(
                start + found.start(), start + found.end(), judgement, start + found.start()
            )


def _statement(start: int, end: int, judgement: Judgement, base: int = 0) -> Statement:
    """The statement at a place; the judgement's places count from `base`."""
    verdict, a, b, truth, reason = judgement
    if verdict is Verdict.NOT_CHECKABLE:
        return Statement(start, end, verdict, start, end, truth, reason)
    return Statement(start, end, verdict, base + a, base + b, truth, reason)


_CHECKERS: list[tuple[World, _Checker]] = []


def _checker(world: World) -> _Checker:
    """The checker of a world, made when it is first needed."""
    for known, checker in _CHECKERS:
        if known is world:
            return checker
    checker = _Checker(world)
    _CHECKERS.append((world, checker))
    del _CHECKERS[:-_KEPT]
    return checker

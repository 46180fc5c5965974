"""Sentences of prose, read by the patterns of a world: what they speak of, and what they say.

A sentence that matches several patterns is read in the way that fits best: as something right if
any reading is, else by the pattern whose subject and answer are known, and whose words are most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tinylm.corpora.world.knowledge import TELLING, Claim, Knowledge, Place
from tinylm.corpora.world.verdicts import (
    BREAKS_OFF,
    NO_STATEMENT,
    STORY,
    Judgement,
    Verdict,
    open_question,
)
from tinylm.corpora.world.wording import ANSWER_BLANKS, SUBJECT_BLANKS
from tinylm.corpora.world.world import Relation, World

_BLANK = re.compile(r"(\{[^}]*\})")
_PERSON = r"(?:[A-Z][\w'-]*|she|he|they|her|him|them)"
_PEOPLE = rf"{_PERSON}(?: and {_PERSON})?"
_PRONOUN = re.compile(r"^(?:it|they)\b")
_DENIES = re.compile(r"\b(?:not|no|never|false|wrong|nobody)\b")
LONGEST_ANSWER = 12  # words after which no answer is looked for


@dataclass(frozen=True)
class Pattern:
    """A sentence pattern of a relation, divided at its blanks."""

    relation: Relation
    parts: tuple[str, ...]  # literal, blank, literal, blank, …, literal
    place: Place

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words around the blanks."""
        return tuple(re.findall(r"\w+", " ".join(self.parts[::2])))

    def matches(self, clause: str) -> Iterator[dict[str, tuple[int, int]]]:
        """All ways in which the pattern fits a clause that begins with its first part.

        Each way is the place of the words in every blank.
        """
        yield from self._fit(clause, 1, len(self.parts[0]))

    def _fit(self, clause: str, i: int, at: int) -> Iterator[dict[str, tuple[int, int]]]:
        if i == len(self.parts):
            if at == len(clause):
                yield {}
            return
        blank, literal = self.parts[i], self.parts[i + 1]
        end = at + 1
        while (end := clause.find(literal, end) if literal else len(clause)) != -1:
            for rest in self._fit(clause, i + 2, end + len(literal)):
                yield {blank: (at, end), **rest}
            end += 1
            if not literal or end > len(clause):
                return


class Reading(NamedTuple):
    """A claim that a clause makes, and the place of the words that decide it."""

    claim: Claim
    start: int  # in the clause
    end: int
    subject: str


class Sentences:
    """Reads sentences of one world."""

    def __init__(self, world: World, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._full: list[_Sought] = []  # with a subject
        self._then: list[_Sought] = []  # about the subject of the sentence before
        for relation in world.relations:
            places = {blank: Place(relation, blank) for blank in ANSWER_BLANKS}
            then = (*relation.then, *relation.then_many)
            # "It is part of Africa" is also said with a name: "Kenya is part of Africa".
            named = (_PRONOUN.sub("{s}", text) for text in then if _PRONOUN.match(text))
            full = dict.fromkeys((*relation.patterns, *named))
            self._full += [_sought(relation, text, places) for text in full]
            self._then += [_sought(relation, text, places) for text in then]
        prose = world.prose
        self._frames = [_frame(text) for text in prose.frames]
        self._stories = [_frame(text) for text in (*prose.openings, *prose.closings)]

    def judge(self, sentence: str, before: str, whole: bool) -> tuple[Judgement, str]:
        """The judgement on a sentence without its full stop, and the subject that it speaks of.

        `before` is the subject of the sentence before, for which "it" stands. If the sentence is
        not `whole`, its last word may go on.
        """
        found = [
            (reading, start)
            for start in self._clauses(sentence)
            for reading in self._readings(sentence[start:], before, whole)
        ]
        if not found:
            return open_question(0, len(sentence), self._why(sentence, whole)), ""
        reading, start = max(found, key=lambda one: one[0].claim.rank)
        claim = reading.claim
        place = (start + reading.start, start + reading.end)
        return Judgement(claim.verdict, *place, claim.truth, claim.reason), reading.subject

    def _clauses(self, sentence: str) -> list[int]:
        """Where a clause may begin: after words such as "Maya knew that", or at the beginning.

        Nowhere in a sentence that denies it: "It is not true that Paris is the capital of Spain".
        """
        for frame in self._frames:
            if found := frame.match(sentence):
                return [found.end()]
        thats = list(re.finditer(r"\bthat ", sentence))
        if any(_DENIES.search(sentence[: that.start()]) for that in thats):
            return []
        return [0, *(that.end() for that in thats)]

    def _why(self, sentence: str, whole: bool) -> str:
        if any(story.fullmatch(sentence) for story in self._stories):
            return STORY
        return NO_STATEMENT if whole else BREAKS_OFF

    def _readings(self, clause: str, before: str, whole: bool) -> Iterator[Reading]:
        low = clause[:1].lower() + clause[1:]
        for longest, first, pattern in (*self._full, *(self._then if before else ())):
            if longest in low and low.startswith(first):
                for places in pattern.matches(low):
                    yield from self._reading(clause, low, pattern, places, before, whole)

    def _reading(
        self,
        clause: str,
        low: str,
        pattern: Pattern,
        places: dict[str, tuple[int, int]],
        before: str,
        whole: bool,
    ) -> Iterator[Reading]:
        """What the clause claims with these words in the blanks; nothing if it does not fit."""
        about = next((places[blank] for blank in SUBJECT_BLANKS if blank in places), None)
        subjects = _variants(clause, low, *about) if about else (before,)
        subject = next((one for one in subjects if self._knowledge.knows(one)), subjects[-1])
        if _PRONOUN.fullmatch(subject.lower()):
            return  # nobody knows what it stands for
        ends = not whole and about is not None and about[1] == len(low)
        if ends and self._knowledge.goes_on(pattern.relation, subject):
            return
        span = next(places[blank] for blank in ANSWER_BLANKS if blank in places)
        start, end = _known_part(pattern.place, clause, low, *span)
        words = next(
            (w for w in _variants(clause, low, start, end) if pattern.place.answer(w) is not None),
            clause[start:end],
        )
        if not whole and span[1] == len(low) and pattern.place.goes_on(words):
            return
        claim = self._knowledge.claim(pattern.place, subject, words, pattern.words)
        if (start, end) != span:  # a pattern that explains all of the words is to be preferred
            claim = claim._replace(rank=claim.rank._replace(right=False))
        if len(pattern.words) < TELLING and not claim.rank.fits_answer:
            # "X is Y" tells nothing if X is no subject, or Y has not even the form of an answer.
            possible = pattern.words and pattern.place.admits(words) and claim.rank.subject > 1
            if not possible:
                return
        if about and claim.verdict is Verdict.WRONG and claim.rank.subject == 1:
            start, end = about
        yield Reading(claim, start, end, subject)


def _known_part(place: Place, clause: str, low: str, start: int, end: int) -> tuple[int, int]:
    """The part of `clause[start:end]` that is an answer, at the side where the sentence ends.

    Where there is none, all of it.
    """

    def known(a: int, b: int) -> bool:
        return any(place.answer(words) is not None for words in _variants(clause, low, a, b))

    if known(start, end):
        return start, end
    breaks = [m.start() + start for m in re.finditer(r"\W+", low[start:end])][:LONGEST_ANSWER]
    if end == len(low):
        return next(((start, b) for b in reversed(breaks) if known(start, b)), (start, end))
    if start == 0:
        begins = [m.end() for m in re.finditer(r"\W+", low[:end])][-LONGEST_ANSWER:]
        return next(((a, end) for a in begins if known(a, end)), (start, end))
    return start, end


def _variants(clause: str, low: str, start: int, end: int) -> tuple[str, ...]:
    """The words at a place, at the beginning of a sentence with a small letter and as they are."""
    if start or clause[:1] == low[:1]:
        return (clause[start:end],)
    return low[start:end], clause[start:end]


# The longest part of a pattern without blanks, and its first one: they rule most sentences out.
_Sought = tuple[str, str, Pattern]


def _sought(relation: Relation, text: str, places: dict[str, Place]) -> _Sought:
    parts = tuple(_BLANK.split(text))
    blank = next(part for part in parts if part in ANSWER_BLANKS)
    return max(parts[::2], key=len), parts[0], Pattern(relation, parts, places[blank])


def _frame(text: str) -> re.Pattern[str]:
    """A frame, opening or closing with any people in it; of a frame what stands before the clause.

    As it begins a sentence, its first letter may be a capital.
    """
    parts = []
    for part in _BLANK.split(text.partition("{clause}")[0]):
        if part.startswith("{"):
            parts.append(r".+?" if part == "{topic}" else _PEOPLE)
        elif part and not parts:
            parts.append(f"[{part[0]}{part[0].upper()}]{re.escape(part[1:])}")
        else:
            parts.append(re.escape(part))
    return re.compile("".join(parts))

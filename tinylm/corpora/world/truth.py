"""Divides a text into statements, each of them right, wrong or not checkable by a world's tables.

A statement is a sentence of prose or a line. It is decided by a relation's pattern, filled with a
subject of the world, with an answer that the world knows after or before it. After three or more
words of a pattern, any other words in the answer's place are wrong. The lines of a worksheet are
decided if one relation explains most of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tinylm.corpora.world.wording import ANSWER_BLANKS, fill, with_article
from tinylm.corpora.world.world import Entity, Relation, World

# For these relations the table gives one of several right answers: another may be just as true.
SEVERAL_ANSWERS = {
    "countries.neighbour",
    "countries.language",
    "animals.eats",
    "animals.covering",
    "animals.home",
    "foods.colour",
    "foods.taste",
    "foods.made",
    "foods.grows",
    "jobs.place",
    "jobs.tool",
    "opposites.opposite",
}
_LINE = re.compile(r"^(?P<subject>[^\n]+?)(?: -> | => | = |: )(?P<answer>[^\n]+)$", re.MULTILINE)

# A sentence with its full stop, or what stands before the end of a line.
_PART = re.compile(r"[^\s.!?][^\n.!?]*(?:[.!?]+|(?=\n)|$)")

# Up to four words and the mark that ends them: where a text breaks off, nothing is stated yet.
_OTHER = re.compile(r"\w[\w'-]*(?: [\w'-]+){0,3}(?=[.,;!?\n])")


class Verdict(StrEnum):
    """What the tables say about a statement."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_CHECKABLE = "not checkable"


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


class _Found(NamedTuple):
    """An answer that stands at `text[start:end]`, and whether it is right."""

    start: int
    end: int
    right: bool
    truth: str


def check(text: str, world: World) -> list[Statement]:
    """All sentences and lines of `text` in order, with the verdict of `world` on each of them."""
    found = sorted([*_sentences(text, world), *_lines(text, world)])
    statements = []
    for part in _PART.finditer(text):
        start, end = part.span()
        inside = [one for one in found if start <= one.start and one.end <= end]
        statements.append(_judged(start, end, inside))
    return statements


def _judged(start: int, end: int, found: Sequence[_Found]) -> Statement:
    """The verdict on a sentence or line with these answers; a wrong one decides."""
    if not found:
        reason = "no sentence that the tables can check"
        return Statement(start, end, Verdict.NOT_CHECKABLE, start, end, "", reason)
    one = next((one for one in found if not one.right), found[0])
    verdict = Verdict.RIGHT if one.right else Verdict.WRONG
    truth = "" if one.right else one.truth
    return Statement(start, end, verdict, one.start, one.end, truth, f"the tables say {one.truth}")


def _sentences(text: str, world: World) -> Iterator[_Found]:
    lower = text.lower()
    present = [e.name for t in world.tables for e in t.entities if e.name.lower() in lower]
    for table in world.tables:
        for subject, relations in table.relations_of.items():
            # "Papua New Guinea" says nothing about Guinea.
            longer = [n for n in present if subject.name in n and n != subject.name]
            if any(n.lower() in lower for n in longer):
                continue
            if not any(form.lower() in lower for form in subject.blanks.values()):
                continue
            for relation in relations:
                if _decidable(relation):
                    for pattern in relation.patterns:
                        yield from _stated(text, lower, relation, subject, pattern)


def _decidable(relation: Relation) -> bool:
    return relation.id not in SEVERAL_ANSWERS and not relation.constant


def _stated(
    text: str, lower: str, relation: Relation, subject: Entity, pattern: str
) -> Iterator[_Found]:
    """The statements of `pattern` about `subject`, if its answer stands at the end or beginning."""
    blank = next(blank for blank in ANSWER_BLANKS if blank in pattern)
    before, _, after = pattern.partition(blank)
    truth = relation.facts[subject]
    # Enough words to be sure that an answer must follow: "the capital of France is ..."
    telling = len(re.sub(r"\{[^}]*\}", "", before).split()) >= 3
    if before and not after:
        known = fill(before, subject.blanks).lower()
        for found in re.finditer(rf"(?<!\w){re.escape(known)}", lower):
            forms = _forms(relation, blank)
            answers = [f for f in forms if re.match(rf"{re.escape(f)}(?!\w)", text[found.end() :])]
            if answers:
                form = max(answers, key=len)
                end = found.end() + len(form)
                yield _Found(found.end(), end, forms[form] == truth, truth)
            elif telling and (other := _OTHER.match(text, found.end())):  # no answer at all
                yield _Found(other.start(), other.end(), False, truth)
    elif after and not before:
        known = fill(after, subject.blanks).lower()
        for found in re.finditer(rf"{re.escape(known)}(?!\w)", lower):
            head = text[: found.start()]
            forms = _forms(relation, blank)
            answers = [f for f in forms if re.search(rf"(?<!\w){re.escape(f)}$", head, re.I)]
            if answers:
                form = max(answers, key=len)
                start = found.start() - len(form)
                yield _Found(start, found.start(), forms[form] == truth, truth)


def _forms(relation: Relation, blank: str) -> dict[str, str]:
    """The answers of the relation, by the words that stand for each of them in `blank`."""
    forms = {}
    for answer in relation.answers:
        blanks = {"{o}": answer, "{a o}": with_article(answer)}
        phrase = relation.phrases.get(answer) or fill(relation.phrase, blanks)
        forms[(blanks | {"{p}": phrase})[blank]] = answer
    return forms


def _lines(text: str, world: World) -> Iterator[_Found]:
    """The statements of worksheets: blocks of lines, most of which one relation explains."""
    for block in re.finditer(r"(?:[^\n]+\n?)+", text):
        lines = list(_LINE.finditer(text, block.start(), block.end()))
        relation = _explains(lines, world)
        if relation is None or not _decidable(relation):
            continue
        facts = {subject.name: answer for subject, answer in relation.facts.items()}
        for line in lines:
            truth = facts.get(line["subject"])
            if truth is not None and line["answer"] in relation.answers:
                yield _Found(
                    line.start("answer"), line.end("answer"), line["answer"] == truth, truth
                )


def _explains(lines: Sequence[re.Match[str]], world: World) -> Relation | None:
    """The relation that has the subjects and answers of most lines; None if it is not clear."""
    counts = []
    for relation in world.relations:
        names = {subject.name for subject in relation.facts}
        answers = set(relation.answers)
        held = sum(line["subject"] in names and line["answer"] in answers for line in lines)
        counts.append((held, relation))
    if not counts:
        return None
    most = max(held for held, _ in counts)
    best = [relation for held, relation in counts if held == most]
    return best[0] if most >= 2 and 2 * most > len(lines) and len(best) == 1 else None

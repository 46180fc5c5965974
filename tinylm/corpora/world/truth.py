"""Finds the statements of a text that are right or wrong by the tables of a world.

A statement is a relation's pattern, filled with a subject of the world, with an answer that the
world knows after or before it. After three or more words of a pattern, any other words in the
answer's place are wrong. What cannot be decided is left out. The lines of a worksheet count if
one relation explains most of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

# Up to four words and the mark that ends them: where a text breaks off, nothing is stated yet.
_OTHER = re.compile(r"\w[\w'-]*(?: [\w'-]+){0,3}(?=[.,;!?\n])")


@dataclass(frozen=True)
class Statement:
    """An answer that stands at `text[start:end]`, and whether it is right."""

    start: int
    end: int
    right: bool
    truth: str  # what the table says


def check(text: str, world: World) -> list[Statement]:
    """The statements of `text` that `world` can decide, in order and without overlaps."""
    found = [*_sentences(text, world), *_lines(text, world)]
    kept: list[Statement] = []
    for statement in sorted(found, key=lambda s: (s.start, -s.end)):
        if not kept or statement.start >= kept[-1].end:
            kept.append(statement)
    return kept


def _sentences(text: str, world: World) -> Iterator[Statement]:
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
) -> Iterator[Statement]:
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
                yield Statement(found.end(), end, forms[form] == truth, truth)
            elif telling and (other := _OTHER.match(text, found.end())):  # no answer at all
                yield Statement(other.start(), other.end(), False, truth)
    elif after and not before:
        known = fill(after, subject.blanks).lower()
        for found in re.finditer(rf"{re.escape(known)}(?!\w)", lower):
            head = text[: found.start()]
            forms = _forms(relation, blank)
            answers = [f for f in forms if re.search(rf"(?<!\w){re.escape(f)}$", head, re.I)]
            if answers:
                form = max(answers, key=len)
                start = found.start() - len(form)
                yield Statement(start, found.start(), forms[form] == truth, truth)


def _forms(relation: Relation, blank: str) -> dict[str, str]:
    """The answers of the relation, by the words that stand for each of them in `blank`."""
    forms = {}
    for answer in relation.answers:
        blanks = {"{o}": answer, "{a o}": with_article(answer)}
        phrase = relation.phrases.get(answer) or fill(relation.phrase, blanks)
        forms[(blanks | {"{p}": phrase})[blank]] = answer
    return forms


def _lines(text: str, world: World) -> Iterator[Statement]:
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
                yield Statement(
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

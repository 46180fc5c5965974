"""What a text may have besides, so that a model answers exercises that the text never showed.

unseen.py tries each of these ideas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tinylm.config import Value
from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.kinds import SEPARATORS
from tinylm.corpora.world.stock import MIN_PAIRS
from tinylm.corpora.world.wording import sentence
from tinylm.corpora.world.world import Entity, Relation, Table, World

LINES = (4, 5, 6, 7)  # of the documents that ideas add
SYLLABLES = ("ba", "do", "fi", "gu", "ka", "lo", "mi", "nu", "pe", "ra", "so", "ti", "vu", "ze")
INVENTED = 200  # relations, of the idea "invented relations"
INVENTED_SUBJECTS = 12  # of each of them


@dataclass(frozen=True)
class Halves:
    """The made world with the relations that worksheets show, and those that they never show."""

    world: World

    @cached_property
    def alone(self) -> tuple[Relation, ...]:
        return tuple(s.relations[0] for s in self.world.sheets if len(s.relations) == 1)

    @property
    def seen(self) -> tuple[Relation, ...]:
        return self.alone[::2]

    @property
    def unseen(self) -> tuple[Relation, ...]:
        return self.alone[1::2]

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables in which most subjects have two facts or more."""
        return tuple(t for t in self.world.tables if t.facts_of_one >= 2)

    @cached_property
    def guessable(self) -> frozenset[str]:
        """Relations that are the only one of their table: a subject alone says which is meant."""
        return frozenset(t.relations[0].id for t in self.world.tables if len(t.relations) == 1)

    def facts(self, table: Table, subject: Entity) -> tuple[Relation, ...]:
        return tuple(r for r in table.relations_of[subject] if not r.constant)


Write = Callable[[Halves, Chooser], str]


# Worksheets of the seen half ---------------------------------------------------------------------


def lines(pairs: Sequence[tuple[str, str]], chooser: Chooser) -> str:
    separator = chooser.pick(SEPARATORS)
    return "".join(f"{subject}{separator}{answer}\n" for subject, answer in pairs)


def drawn(relation: Relation, chooser: Chooser) -> list[tuple[str, str]]:
    """Some pairs of a relation, none held out."""
    return chooser.sample(relation.sheet, chooser.pick(range(MIN_PAIRS, 11)))


def by_length(halves: Halves, chooser: Chooser) -> Relation:
    """A seen relation, weighted by the number of its pairs, as in the usual text."""
    return chooser.pick([r for r in halves.seen for _ in r.sheet])


def sheet(halves: Halves, chooser: Chooser) -> str:
    """The usual worksheet."""
    return lines(drawn(by_length(halves, chooser), chooser), chooser)


def barred(halves: Halves, chooser: Chooser) -> str:
    """A worksheet with bars, as a table of one column: "Peru | Lima"."""
    pairs = drawn(by_length(halves, chooser), chooser)
    return "".join(f"{subject} | {answer}\n" for subject, answer in pairs)


def headed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet below the name of its relation."""
    relation = by_length(halves, chooser)
    return f"{relation.label}\n" + lines(drawn(relation, chooser), chooser)


def closed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet, then a sentence of the text that states one of its pairs."""
    relation = by_length(halves, chooser)
    pairs = drawn(relation, chooser)
    name = chooser.pick(pairs)[0]
    subject = next(one for one in relation.facts if one.name == name)
    return lines(pairs, chooser) + sentence(relation.fill(chooser.pick(relation.patterns), subject))


def switching(halves: Halves, chooser: Chooser) -> str:
    """A worksheet that goes over to another relation half-way."""
    first, second = chooser.sample(halves.seen, 2)
    separator = chooser.pick(SEPARATORS)
    pairs = [*chooser.sample(first.sheet, 4), *chooser.sample(second.sheet, 4)]
    return "".join(f"{subject}{separator}{answer}\n" for subject, answer in pairs)


def renamed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet in which each answer has a fresh name, of this document alone."""
    relation = chooser.pick([r for r in halves.seen if len(r.answers) <= len(r.facts) // 2])
    pairs = chooser.sample(relation.sheet, min(10, len(relation.sheet)))
    names: dict[str, str] = {}
    for _, answer in pairs:
        names.setdefault(answer, invented(chooser))
    return lines([(subject, names[answer]) for subject, answer in pairs], chooser)


def composed(halves: Halves, chooser: Chooser) -> str:
    """A worksheet of something that follows from a seen fact, one of many relations."""
    relation = by_length(halves, chooser)
    of = chooser.pick(DERIVED)
    return lines(
        [(subject, of(subject, answer)) for subject, answer in drawn(relation, chooser)], chooser
    )


DERIVED: tuple[Callable[[str, str], str], ...] = (
    lambda subject, answer: answer[0],
    lambda subject, answer: answer[-1],
    lambda subject, answer: subject[0],
    lambda subject, answer: subject[-1],
    lambda subject, answer: f"{answer} {answer}",
    lambda subject, answer: f"{answer}, {subject}",
    lambda subject, answer: f"not {answer}",
    lambda subject, answer: answer.upper(),
    lambda subject, answer: subject.upper(),
    lambda subject, answer: f"{subject} {answer}",
)


# Documents about all relations -------------------------------------------------------------------


def half_sentences(halves: Halves, chooser: Chooser) -> str:
    """Lines of one relation, each with the relation in words: "Peru: its capital is Lima"."""
    relation = chooser.pick([r for r in halves.alone if r.then])
    then = chooser.pick(relation.then)
    subjects = chooser.sample(tuple(relation.facts), chooser.pick(LINES))
    return "".join(f"{one.name}: {relation.fill(then, one)}\n" for one in subjects)


def fields(halves: Halves, chooser: Chooser) -> str:
    """Lines of one relation, each with its name: "Peru | capital -> Lima"."""
    relation, separator = chooser.pick(halves.alone), chooser.pick(SEPARATORS)
    subjects = chooser.sample(tuple(relation.facts), chooser.pick(LINES))
    return "".join(f"{s.name} | {relation.label}{separator}{relation.facts[s]}\n" for s in subjects)


def named_pairs(halves: Halves, chooser: Chooser) -> str:
    """Pairs of mixed relations, each with the name of its relation: "Peru, Lima: capital"."""
    found = []
    for _ in range(chooser.pick(LINES)):
        relation = chooser.pick(halves.alone)
        subject = chooser.pick(tuple(relation.facts))
        found.append(f"{subject.name}, {relation.facts[subject]}: {relation.label}\n")
    return "".join(found)


def bare_boxes(halves: Halves, chooser: Chooser) -> str:
    """Info-boxes without the names of relations, in random order: "Peru | Lima | sol"."""
    table = chooser.pick(halves.tables)
    rows = []
    for subject in chooser.sample(table.entities, 3):
        relations = halves.facts(table, subject)
        told = [r.facts[subject] for r in chooser.sample(relations, len(relations))]
        rows.append(" | ".join([subject.name, *told]) + "\n")
    return "".join(rows)


def columns(halves: Halves, chooser: Chooser, *, head: bool = False, held_out: bool = True) -> str:
    """A table of two columns; without `held_out`, none of its facts is one that is asked."""
    table = chooser.pick(halves.tables)
    subjects = chooser.sample(table.entities, min(12, len(table.entities)))
    chosen = chooser.sample([r for r in table.relations if not r.constant], 2)
    whole = [
        s
        for s in subjects
        if all(s in r.facts and (held_out or s not in r.held_out) for r in chosen)
    ][:6]
    top = " | ".join([table.topic, *(r.label for r in chosen)]) + "\n" if head else ""
    return top + "".join(" | ".join([s.name, *(r.facts[s] for r in chosen)]) + "\n" for s in whole)


def headed_table(halves: Halves, chooser: Chooser) -> str:
    """A table of two columns below their names."""
    return columns(halves, chooser, head=True)


def bare_table(halves: Halves, chooser: Chooser) -> str:
    """A table of two columns without their names."""
    return columns(halves, chooser)


def strict_table(halves: Halves, chooser: Chooser) -> str:
    """A table of two columns without their names, in which no fact stands that is asked."""
    return columns(halves, chooser, held_out=False)


# Invented relations ------------------------------------------------------------------------------


def invented(chooser: Chooser) -> str:
    return "".join(chooser.sample(SYLLABLES, 3))


@dataclass(frozen=True)
class Made:
    """A relation of invented names: what it is called, and its facts."""

    label: str
    facts: tuple[tuple[str, str], ...]


def _made(number: int) -> Made:
    chooser = Chooser(number)
    answers = [invented(chooser) for _ in range(6)]
    subjects = [invented(chooser) for _ in range(INVENTED_SUBJECTS)]
    return Made(invented(chooser), tuple((one, chooser.pick(answers)) for one in subjects))


MADE = tuple(map(_made, range(INVENTED)))


def invented_relations(halves: Halves, chooser: Chooser) -> str:
    """One of two hundred invented relations, told by its name or as a worksheet, half each."""
    made = chooser.pick(MADE)
    pairs = chooser.sample(made.facts, chooser.pick(LINES))
    if chooser.flag(0.5):
        return lines(pairs, chooser)
    return "".join(f"{subject} | {made.label} {answer}\n" for subject, answer in pairs)


def told_before(halves: Halves, chooser: Chooser) -> str:
    """Info-boxes of invented subjects, then a worksheet of one of their invented relations."""
    labels, subjects = ([invented(chooser) for _ in range(n)] for n in (2, 5))
    facts = {(s, label): invented(chooser) for s in subjects for label in labels}
    boxes = "".join(
        " | ".join([s, *(f"{label} {facts[s, label]}" for label in labels)]) + "\n"
        for s in subjects
    )
    asked = chooser.pick(labels)
    return boxes + lines([(s, facts[s, asked]) for s in subjects], chooser)


@dataclass(frozen=True)
class Idea:
    """What the text has besides: worksheets of another form, other documents, or settings.

    `instead` is written in place of half of the worksheets; `besides` takes a third of their share.
    """

    instead: Write | None = None
    besides: tuple[Write, ...] = ()
    settings: dict[str, Value] = field(default_factory=dict)
    close: bool = False  # marked * in the table: facts of unseen relations below each other


IDEAS: dict[str, Idea] = {
    "control": Idea(),
    "headings": Idea(headed),
    "headings and fields": Idea(headed, (fields,)),
    "a sentence below": Idea(closed),
    "half sentences": Idea(None, (half_sentences,)),
    "fields": Idea(None, (fields,)),
    "named pairs": Idea(None, (named_pairs,)),
    "bare boxes": Idea(None, (bare_boxes,), close=True),
    "tables with a head": Idea(None, (headed_table,), close=True),
    "tables without a head": Idea(None, (bare_table,), close=True),
    "tables without a head, bars": Idea(barred, (bare_table,), close=True),
    "strict tables without a head": Idea(None, (strict_table,), close=True),
    "strict tables without a head, bars": Idea(barred, (strict_table,), close=True),
    "six forms": Idea(
        headed,
        (half_sentences, fields, named_pairs, bare_boxes, headed_table, bare_table),
        close=True,
    ),
    "fresh names": Idea(renamed),
    "derived relations": Idea(composed),
    "switching": Idea(switching),
    "invented relations": Idea(None, (invented_relations,)),
    "told before, invented": Idea(None, (told_before,)),
    "three layers": Idea(settings={"n_layer": 3}),
    "width 192": Idea(settings={"n_embd": 192}),
}

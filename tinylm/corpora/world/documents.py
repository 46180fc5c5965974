"""Documents of the made world: prose, info-boxes, worksheets, parallel texts, reviews.

Document i of a split is a pure function of (seed, split, i), so any page of a corpus can be
shown without making the rest. A hash of each text decides to which split it may belong; a text
of the wrong split is drawn again. So no text is in both training and validation.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tinylm.corpora.corpus import Document
from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.languages import parallel
from tinylm.corpora.world.reviews import reviews
from tinylm.corpora.world.stories import People
from tinylm.corpora.world.wording import leads_with_subject, sentence
from tinylm.corpora.world.world import Entity, Relation, Sheet, Table, World
from tinylm.errors import BadRequest

SPLITS = ("train", "val")
VAL_SHARE = 8  # one text in this many may only be in validation
SEPARATORS = (" -> ", ": ", " = ")


@dataclass(frozen=True)
class Kind:
    """A kind of document: its name, its share of a corpus, and the function that writes one."""

    name: str
    share: float
    write: Callable[[Writer, Chooser], str]


class Writer:
    """Writes documents about one world."""

    def __init__(self, world: World, kinds: tuple[Kind, ...] | None = None) -> None:
        self.world = world
        kinds = _possible(world, kinds or KINDS)
        self._kinds = Odds(kinds, [kind.share for kind in kinds])
        self._clauses: dict[tuple[str, Entity], list[tuple[str, bool, bool]]] = {}
        self._thens: dict[tuple[str, Entity, bool], list[str]] = {}

    def document(self, seed: int, split: str, index: int) -> Document:
        """Document `index` of a split ("train" or "val"), with its log-probability.

        The log-probability is that of the generator's choices, in nats, without the split by
        hash. It is what the best possible reader, who cannot know the hash, would assign to the
        text. Where several series of choices make the same text, it is a lower bound of that.
        """
        if split not in SPLITS:
            raise BadRequest(f"There is no split {split!r}; splits are {' and '.join(SPLITS)}.")
        is_val = split == "val"
        chooser = Chooser((seed << 41) + (is_val << 40) + index)
        while True:
            chooser.restart()
            kind = chooser.odds(self._kinds)
            text = kind.write(self, chooser)
            if (zlib.crc32(text.encode()) % VAL_SHARE == 0) == is_val:
                return Document(text, kind.name, chooser.log_probability)

    def documents(self, seed: int, split: str, start: int = 0) -> Iterator[Document]:
        """The documents from number `start` on, without end."""
        while True:
            yield self.document(seed, split, start)
            start += 1

    @cached_property
    def tables(self) -> Odds[Table]:
        """The tables, weighted by `Table.bits`: facts with many possible answers take longer."""
        tables = self.world.tables
        return Odds(tables, [table.bits + 1 for table in tables])

    @cached_property
    def sheets(self) -> Odds[Sheet]:
        """The kinds of worksheets, weighted by the number of pairs that they may show.

        Raises BadRequest if none has MIN_PAIRS pairs.
        """
        sheets = [sheet for sheet in self.world.sheets if len(sheet.pairs) >= MIN_PAIRS]
        if not sheets:
            raise BadRequest(f"This world needs a relation with at least {MIN_PAIRS + 1} rows.")
        return Odds(sheets, [len(sheet.pairs) for sheet in sheets])

    def clauses(self, relation: Relation, subject: Entity) -> list[tuple[str, bool, bool]]:
        """The filled patterns of a relation that state the fact about `subject`.

        Each comes with two answers: does it speak of several ("cows"), and may the next sentence
        say "it" or "they" for the subject?
        """
        key = (relation.id, subject)
        if key not in self._clauses:
            self._clauses[key] = [
                (relation.fill(p, subject), "{s+}" in p, leads_with_subject(p))
                for p in relation.patterns
            ]
        return self._clauses[key]

    def thens(self, relation: Relation, subject: Entity, many: bool) -> list[str]:
        """Clauses that say "it" (or "they", if `many`) for the subject of the last sentence."""
        key = (relation.id, subject, many)
        if key not in self._thens:
            patterns = relation.then_many if many else relation.then
            self._thens[key] = [relation.fill(p, subject) for p in patterns]
        return self._thens[key]


def _lengthened(table: Table, facts: int) -> int:
    """How many entities of a table it takes to tell about `facts` facts; at least one."""
    return max(1, round(facts / table.facts_of_one))


# Prose -------------------------------------------------------------------------------------

NUM_ENTITIES = Odds((1, 2, 3), (0.1, 0.3, 0.6))
NUM_FACTS = Odds((1, 2, 3), (0.15, 0.35, 0.5))  # about one entity, if it has so many
PERSON = 0.6  # share of prose documents with people in them
OPENING, FRAME, CLOSING = 0.5, 0.3, 0.2  # probability of each in a document with people
PRONOUN = 0.35  # probability of "it" instead of the name, where it is clear


def prose(writer: Writer, chooser: Chooser) -> str:
    """One to three facts about each of one to three entities, in the style of a child's book.

    If the entities of a table have few facts each, the document tells about more of them.
    """
    table = chooser.odds(writer.tables)
    count = min(chooser.odds(NUM_ENTITIES) * _lengthened(table, 2), len(table.entities))
    frames = writer.world.prose
    people = People(frames.people) if frames.people and chooser.flag(PERSON) else None
    sentences = []
    if people and chooser.flag(OPENING):
        opening = chooser.pick(frames.openings)
        sentences.append(people.fill(chooser, opening, topic=table.topic))
    for subject in chooser.sample(table.entities, count):
        for clause in _statements(writer, chooser, table, subject):
            if people and chooser.flag(FRAME):
                clause = people.fill(chooser, chooser.pick(frames.frames), clause=clause)
            sentences.append(clause)
    closings = people.known(frames.closings) if people else []
    if people and closings and chooser.flag(CLOSING):
        sentences.append(people.fill(chooser, chooser.pick(closings)))
    return " ".join(sentence(clause) for clause in sentences)


def _statements(writer: Writer, chooser: Chooser, table: Table, subject: Entity) -> Iterator[str]:
    relations = table.relations_of[subject]
    count = min(chooser.odds(NUM_FACTS), len(relations))
    many, clear = False, False
    for relation in chooser.sample(relations, count):
        thens = writer.thens(relation, subject, many) if clear else []
        if thens and chooser.flag(PRONOUN):
            yield chooser.pick(thens)
        else:
            clause, many, clear = chooser.pick(writer.clauses(relation, subject))
            yield clause
        # After "Peru lies next to Chile", "its capital" could be the capital of either.
        clear = clear and not relation.names_another(subject)


# Info-boxes --------------------------------------------------------------------------------

NUM_BOXES = Odds((1, 2, 3), (0.2, 0.4, 0.4))


def info_box(writer: Writer, chooser: Chooser) -> str:
    """Lines with all facts of one entity each, in random order.

    There are one to three lines, or more if the entities of the table have few facts each.
    """
    table = chooser.odds(writer.tables)
    count = min(chooser.odds(NUM_BOXES) * _lengthened(table, 4), len(table.entities))
    lines = []
    for subject in chooser.sample(table.entities, count):
        relations = table.relations_of[subject]
        facts = [f"{r.label} {r.facts[subject]}" for r in chooser.sample(relations, len(relations))]
        lines.append(" | ".join([subject.name, *facts]) + "\n")
    return "".join(lines)


# Worksheets --------------------------------------------------------------------------------

MIN_PAIRS, MAX_PAIRS = 3, 10


def worksheet(writer: Writer, chooser: Chooser) -> str:
    """Pairs of one sheet, one on each line, with the same separator; none is held out."""
    sheet = chooser.odds(writer.sheets)
    separator = chooser.pick(SEPARATORS)
    count = chooser.pick(range(MIN_PAIRS, min(MAX_PAIRS, len(sheet.pairs)) + 1))
    pairs = chooser.sample(sheet.pairs, count)
    return "".join(f"{subject}{separator}{answer}\n" for subject, answer in pairs)


# Languages and reviews -----------------------------------------------------------------------


def parallel_text(writer: Writer, chooser: Chooser) -> str:
    """Sentences with their translations into an invented language."""
    assert writer.world.languages is not None
    return parallel(writer.world.languages, chooser, SEPARATORS)


def review_sheet(writer: Writer, chooser: Chooser) -> str:
    """Reviews, all labelled with their mood or all with their topic."""
    assert writer.world.reviews is not None
    return reviews(writer.world.reviews, chooser, SEPARATORS)


KINDS = (
    Kind("prose", 0.28, prose),
    Kind("info-box", 0.27, info_box),
    Kind("worksheet", 0.335, worksheet),
    Kind("parallel", 0.06, parallel_text),
    Kind("reviews", 0.055, review_sheet),
)


def _possible(world: World, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Those of `kinds` for which the world has the data."""
    lacking = [
        write
        for write, needed in ((parallel_text, world.languages), (review_sheet, world.reviews))
        if needed is None
    ]
    return tuple(kind for kind in kinds if kind.write not in lacking)

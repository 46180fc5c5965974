"""The kinds of documents of a made world: prose, info-boxes, worksheets, biographies and others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tinylm.corpora.world.biographies import chapters, sentences
from tinylm.corpora.world.chooser import Chooser, Odds
from tinylm.corpora.world.languages import parallel
from tinylm.corpora.world.reviews import reviews
from tinylm.corpora.world.stock import MIN_PAIRS
from tinylm.corpora.world.stories import People
from tinylm.corpora.world.telling import Teller
from tinylm.corpora.world.wording import sentence
from tinylm.corpora.world.world import Entity, Relation, Table, World
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig

SEPARATORS = (" -> ", ": ", " = ")
BAR = " | "  # of tables and info-boxes
WORKSHEET, CHAIN, BIOGRAPHY = "worksheet", "chain worksheet", "biography"
Told = tuple[str, list[tuple[Relation, Entity]]]  # a text, and the facts that it tells


@dataclass(frozen=True)
class Kind:
    """A kind of document: its name, its share of a corpus, and the function that writes one."""

    name: str
    share: float
    write: Callable[[Teller, Chooser], Told]


def _lengthened(table: Table, facts: int) -> int:
    """How many entities of a table it takes to tell about `facts` facts; at least one."""
    return max(1, round(facts / table.facts_of_one))


# Prose -------------------------------------------------------------------------------------

NUM_ENTITIES = Odds((1, 2, 3), (0.1, 0.3, 0.6))
NUM_FACTS = Odds((1, 2, 3), (0.15, 0.35, 0.5))  # about one entity, if it has so many
PERSON = 0.6  # share of prose documents with people in them
OPENING, FRAME, CLOSING = 0.5, 0.3, 0.2  # probability of each in a document with people
PRONOUN = 0.35  # probability of "it" instead of the name, where it is clear


def prose(teller: Teller, chooser: Chooser) -> Told:
    """One to three facts about each of one to three entities, in the style of a child's book.

    If the entities of a table have few facts each, the document tells about more of them.
    """
    table = chooser.odds(teller.stock.tables)
    subjects = teller.stock.subjects[table.name]
    count = min(chooser.odds(NUM_ENTITIES) * _lengthened(table, 2), len(subjects.options))
    frames = teller.world.prose
    people = People(frames.people) if frames.people and chooser.flag(PERSON) else None
    clauses, facts = [], []
    if people and chooser.flag(OPENING):
        opening = chooser.pick(frames.openings)
        clauses.append(people.fill(chooser, opening, topic=table.topic))
    for subject in teller.stock.draw(chooser, subjects, count):
        for clause, relation in _statements(teller, chooser, table, subject):
            if people and chooser.flag(FRAME):
                clause = people.fill(chooser, chooser.pick(frames.frames), clause=clause)
            clauses.append(clause)
            facts.append((relation, subject))
    closings = people.known(frames.closings) if people else []
    if people and closings and chooser.flag(CLOSING):
        clauses.append(people.fill(chooser, chooser.pick(closings)))
    return " ".join(map(sentence, clauses)), facts


def _statements(
    teller: Teller, chooser: Chooser, table: Table, subject: Entity
) -> Iterator[tuple[str, Relation]]:
    relations = teller.stock.relations(table, subject)
    count = min(chooser.odds(NUM_FACTS), len(relations))
    many, clear = False, False
    for relation in chooser.sample(relations, count):
        thens = teller.thens(relation, subject, many) if clear else []
        if thens and chooser.flag(PRONOUN):
            yield chooser.pick(thens), relation
        else:
            clause, many, clear = chooser.pick(teller.clauses(relation, subject))
            yield clause, relation
        # After "Peru lies next to Chile", "its capital" could be the capital of either.
        clear = clear and not relation.names_another(subject)


# Info-boxes --------------------------------------------------------------------------------

NUM_BOXES = Odds((1, 2, 3), (0.2, 0.4, 0.4))


def info_box(teller: Teller, chooser: Chooser) -> Told:
    """Lines with all facts of one entity each, in random order.

    There are one to three lines, or more if the entities of the table have few facts each.
    """
    table = chooser.odds(teller.stock.tables)
    subjects = teller.stock.subjects[table.name]
    count = min(chooser.odds(NUM_BOXES) * _lengthened(table, 4), len(subjects.options))
    lines, facts = [], []
    for subject in teller.stock.draw(chooser, subjects, count):
        relations = teller.stock.relations(table, subject)
        told = [(one, subject) for one in chooser.sample(relations, len(relations))]
        fields = [f"{one.label} {teller.answer(one, subject)}" for one, _ in told]
        lines.append(BAR.join([subject.name, *fields]) + "\n")
        facts += told
    return "".join(lines), facts


# Worksheets --------------------------------------------------------------------------------

MAX_PAIRS = 10
ROWS = 6  # of a table without names


def worksheet(teller: Teller, chooser: Chooser) -> Told:
    """Pairs of one sheet, one on each line, with the same separator; none is held out."""
    sheet = chooser.odds(teller.stock.sheets)
    barred = teller.text.bars > 0 and chooser.flag(teller.text.bars)
    separator = BAR if barred else chooser.pick(SEPARATORS)
    count = chooser.pick(range(MIN_PAIRS, min(MAX_PAIRS, len(sheet.options)) + 1))
    facts = teller.stock.draw(chooser, sheet, count)
    lines = [f"{s.name}{separator}{teller.answer(r, s)}\n" for r, s in facts]
    return "".join(lines), facts


def chain_sheet(teller: Teller, chooser: Chooser) -> Told:
    """Chains of one composition, one on each line, with the step in between or without it."""
    sheet = chooser.odds(teller.stock.chains)
    separator = chooser.pick(SEPARATORS)
    count = chooser.pick(range(MIN_PAIRS, min(MAX_PAIRS, len(sheet.options)) + 1))
    without = teller.text.chain_ends > 0 and chooser.flag(teller.text.chain_ends)
    lines, facts = [], []
    for one in teller.stock.draw(chooser, sheet, count):
        told = [(one.first, one.start), (one.second, one.middle)]
        answers = [teller.answer(relation, subject) for relation, subject in told]
        shown = answers[1:] if without else answers
        lines.append(separator.join([one.start.name, *shown]) + "\n")
        if not without:  # a line without the step tells neither of the two facts
            facts += told
    return "".join(lines), facts


def bare_table(teller: Teller, chooser: Chooser) -> Told:
    """Rows of a thing and two of its facts, without the names of the columns; none is held out."""
    first, second, subjects = chooser.odds(teller.stock.columns)
    told = []
    for subject in teller.stock.draw(chooser, subjects, min(ROWS, len(subjects.options))):
        told.append([(first, subject), (second, subject)])
    rows = [[facts[0][1].name, *(teller.answer(*fact) for fact in facts)] for facts in told]
    return "".join(BAR.join(row) + "\n" for row in rows), [one for row in told for one in row]


# Biographies, languages and reviews -----------------------------------------------------------


def biography(teller: Teller, chooser: Chooser) -> Told:
    """All facts of one entity, in full sentences."""
    table, subject = chooser.odds(teller.stock.lives)
    relations = chapters(chooser, subject, teller.stock.life(table, subject), teller.text.orders)
    told = sentences(chooser, subject, relations, teller.clauses, teller.text.patterns)
    return " ".join(map(sentence, told)), [(relation, subject) for relation in relations]


def parallel_text(teller: Teller, chooser: Chooser) -> Told:
    """Sentences with their translations into an invented language."""
    assert teller.world.languages is not None
    return parallel(teller.world.languages, chooser, SEPARATORS), []


def review_sheet(teller: Teller, chooser: Chooser) -> Told:
    """Reviews, all labelled with their mood or all with their topic."""
    assert teller.world.reviews is not None
    return reviews(teller.world.reviews, chooser, SEPARATORS), []


def kinds_of(text: TextConfig, world: World) -> tuple[Kind, ...]:
    """The kinds of documents of a text that have a share, and for which the world has the data.

    Raises BadRequest if there is none.
    """
    sheets = text.worksheets if text.sheets.strip() != "none" else 0
    kinds = (
        Kind("prose", text.prose, prose),
        Kind("info-box", text.info_boxes, info_box),
        Kind(WORKSHEET, sheets * (1 - text.chains), worksheet),
        Kind("parallel", text.parallel if world.languages else 0, parallel_text),
        Kind("reviews", text.reviews if world.reviews else 0, review_sheet),
        Kind(BIOGRAPHY, text.biographies, biography),
        Kind(CHAIN, sheets * text.chains, chain_sheet),
        Kind("bare table", text.bare_tables, bare_table),
    )
    found = tuple(kind for kind in kinds if kind.share)
    if not found:
        raise BadRequest("No kind of document is left: give prose or info_boxes a weight.")
    return found

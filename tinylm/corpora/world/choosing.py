"""Which facts of a world a text tells, how often, in which words, and what it says wrongly.

All of it follows from hashes of names: a fact that is left out at a small share is left out at
every larger one, and every run with the same settings tells the same facts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import TypeVar

from tinylm.corpora.corpus import Fact
from tinylm.corpora.world.world import Entity, Relation, Sheet, Table, World
from tinylm.errors import BadRequest

T = TypeVar("T")


def hashed(*names: object) -> int:
    """A number that depends on these names alone, and is as good as random."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, names)).encode()).digest()[:8])


def share_of(options: Sequence[T], share: float, key: Callable[[T], object]) -> list[T]:
    """A share of the options, in their order: those whose keys have the lowest hashes."""
    ranked = sorted(range(len(options)), key=lambda i: hashed("share", key(options[i])))
    return [options[i] for i in sorted(ranked[: round(share * len(options))])]


def told_tables(world: World, written: str) -> tuple[Table, ...]:
    """The tables that the setting `tables` names. Raises BadRequest."""
    return _named(world.tables, written, "tables") if written.strip() != "all" else world.tables


def told_sheets(world: World, written: str) -> tuple[Sheet, ...]:
    """The worksheets that the setting `sheets` names. Raises BadRequest.

    The halves share every table between them. A sheet that joins relations of several tables is
    in neither, because it would show the subjects of one half to the other.
    """
    alone = [sheet for sheet in world.sheets if len(sheet.relations) == 1]
    named = {
        "all": world.sheets,
        "none": (),
        "half": tuple(alone[::2]),
        "other-half": tuple(alone[1::2]),
    }.get(written.strip())
    return _named(world.sheets, written, "sheets") if named is None else named


N = TypeVar("N", Table, Sheet)


def _named(options: Sequence[N], written: str, setting: str) -> tuple[N, ...]:
    known = {one.name: one for one in options}
    names = list(dict.fromkeys(filter(None, map(str.strip, written.split(",")))))
    odd = next((name for name in names if name not in known), None)
    if odd is not None or not names:
        asked = "nothing" if odd is None else f"{odd!r:.40}"
        raise BadRequest(
            f"{setting} names {asked}, but this world has {', '.join(known)}: write some of these, "
            "with commas between them."
        )
    return tuple(known[name] for name in names)


def facts_of(relations: Iterable[Relation]) -> list[Fact]:
    """The facts of relations, apart from those in which all subjects have the same answer."""
    return [
        Fact(relation.id, subject.name)
        for relation in relations
        if not relation.constant
        for subject in relation.facts
    ]


def untold_facts(world: World, share: float) -> frozenset[Fact]:
    """The share of a world's facts that is never told; of a symmetric pair both ways or none."""
    if not share:
        return frozenset()
    pairs = {
        Fact(relation.id, subject.name): min(subject.name, answer)
        for relation in world.relations
        if relation.symmetric
        for subject, answer in relation.facts.items()
    }
    facts = facts_of(world.relations)
    return frozenset(
        share_of(facts, share, lambda one: (one.relation, pairs.get(one, one.subject)))
    )


def rank(table: Table) -> dict[Entity, int]:
    """The place of each entity of a table by how often it is told about, from 1 on."""
    ranked = sorted(table.entities, key=lambda one: hashed("rank", table.name, one.name))
    return {entity: place for place, entity in enumerate(ranked, 1)}


def weights(table: Table, zipf: float) -> dict[Entity, float]:
    """How often each entity is told about, relative to the first: its rank to the power -zipf."""
    return {entity: place**-zipf for entity, place in rank(table).items()}


def wordings(relation: Relation, subject: Entity, number: int) -> tuple[str, ...]:
    """The patterns that may tell a fact: all, or `number` of them, others for each fact."""
    if not number:
        return relation.patterns
    return tuple(
        sorted(relation.patterns, key=lambda one: hashed("wording", relation.id, subject.name, one))
    )[:number]


def in_order(relations: Iterable[Relation], subject: Entity, number: int) -> list[Relation]:
    """The relations in the order of this number, which is another one for each subject."""
    return sorted(relations, key=lambda one: hashed("order", number, subject.name, one.id))


def wrong_answer(relation: Relation, subject: Entity, number: int) -> str:
    """What the wrong world of this number says: another answer of the relation.

    It is as likely as it is frequent among the true facts. Where all subjects have the same
    answer, there is no wrong one.
    """
    truth, said = relation.facts[subject], list(relation.facts.values())
    if len(relation.answers) < 2:
        return truth
    drawn = (hashed("wrong", number, relation.id, subject.name, again) for again in count())
    return next(one for one in (said[place % len(said)] for place in drawn) if one != truth)

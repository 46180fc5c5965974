"""Biographies: all facts of one thing, in full sentences that name it each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tinylm.corpora.world.chooser import Chooser
from tinylm.corpora.world.choosing import in_order
from tinylm.corpora.world.world import Entity, Relation

LEAST_FACTS = 2  # of a thing that has a biography


def chapters(
    chooser: Chooser, subject: Entity, relations: Sequence[Relation], orders: int
) -> list[Relation]:
    """The relations of a biography in one of so many orders; 0: in a new one every time."""
    if not orders:
        return chooser.sample(relations, len(relations))
    return in_order(relations, subject, chooser.pick(range(orders)))


def sentences(
    chooser: Chooser,
    subject: Entity,
    relations: Sequence[Relation],
    clauses: Callable[[Relation, Entity], Sequence[tuple[str, bool, bool]]],
    patterns: int,
) -> list[str]:
    """A clause for each relation: all by the same one of so many wordings; 0: each a new one."""
    if not patterns:
        return [chooser.pick(clauses(relation, subject))[0] for relation in relations]
    number = chooser.pick(range(patterns))
    found = [clauses(relation, subject) for relation in relations]
    return [one[number % len(one)][0] for one in found]

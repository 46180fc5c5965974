"""Two facts that go on from each other: France, its neighbour Spain, and Spain's capital Madrid."""

from __future__ import annotations

from typing import NamedTuple

from tinylm.corpora.world.choosing import hashed
from tinylm.corpora.world.world import Entity, Relation, World

KEPT_OUT = 3  # one chain in so many is in no text, though both of its facts are in worksheets
FEWEST = 12  # chains that make a composition: so there are examples beside each of them


class Chain(NamedTuple):
    """From a thing by one relation to another thing, and from there by a second one to an end."""

    first: Relation
    start: Entity
    second: Relation
    middle: Entity

    @property
    def end(self) -> str:
        return self.second.facts[self.middle]

    @property
    def in_worksheets(self) -> bool:
        """Whether a text may show it: a part of the chains of known facts is kept out by a hash."""
        held_out = self.start in self.first.held_out or self.middle in self.second.held_out
        number = hashed("chain", self.first.id, self.second.id, self.start.name)
        return not held_out and number % KEPT_OUT > 0


class Composition(NamedTuple):
    """Two relations of which the second goes on where the first ends."""

    first: Relation
    second: Relation
    chains: tuple[Chain, ...]

    @property
    def name(self) -> str:
        return f"{self.first.id}, {self.second.id}"


def compositions(world: World) -> list[Composition]:
    """All pairs of relations that make enough chains, in the order of the world's relations.

    A chain does not count where its start has the same answer as its end: then nobody could tell
    whether it took two steps.
    """
    relations = [one for one in world.relations if not one.joins]
    found = []
    for first in relations:
        for second in relations:
            if first is not second:
                chains = _chains(first, second)
                if len(chains) >= FEWEST:
                    found.append(Composition(first, second, chains))
    return found


def practised(world: World) -> list[Composition]:
    """The compositions that a text may show.

    Where a first step can go on in several ways, the last of them is left out. So a model that
    has read chains can be asked for a composition that it never read.
    """
    found = compositions(world)
    ways = {one.first.id: [o for o in found if o.first is one.first] for one in found}
    return [one for one in found if len(ways[one.first.id]) == 1 or one != ways[one.first.id][-1]]


def _chains(first: Relation, second: Relation) -> tuple[Chain, ...]:
    named = {subject.name: subject for subject in second.facts}
    return tuple(
        Chain(first, start, second, named[answer])
        for start, answer in first.facts.items()
        if answer in named and second.facts.get(start) != second.facts[named[answer]]
    )

"""Facts asked in the words of the text: the beginning of a sentence that its answer ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tinylm.corpora.world.world import Entity, Relation, World
from tinylm.evaluation.tasks.facts import facts_of

ENDINGS = ("{o}", "{a o}", "{p}")  # blanks that stand for the answer


class Begun(NamedTuple):
    """A sentence that a text about the world would end with the answer."""

    relation: str
    subject: str
    text: str  # without the space before the answer
    answer: str  # as it stands in the sentence


def begun_sentences(
    world: World, facts: Callable[[Relation], Iterator[Entity]] | None = None
) -> list[Begun]:
    """A beginning for each fact, by the first pattern of its relation that ends with the answer.

    `facts` gives the subjects to ask about, of each relation; without it, they are those that the
    tasks ask: facts that stand in no worksheet. A relation without such a pattern is left out.
    """

    def held_out(relation: Relation) -> Iterator[Entity]:
        return (subject for subject, _ in facts_of(world, relation, held_out=True))

    chosen = facts or held_out
    return [
        begun(relation, pattern, subject)
        for relation in world.relations
        if not relation.joins and (pattern := ending_pattern(relation))
        for subject in chosen(relation)
    ]


def ending_pattern(relation: Relation) -> str:
    """The first pattern of a relation whose last words are the answer; "" if it has none."""
    return next((one for one in relation.patterns if one.endswith(ENDINGS)), "")


def begun(relation: Relation, pattern: str, subject: Entity) -> Begun:
    """A sentence with this pattern about `subject`, before its answer."""
    head = pattern[: pattern.rindex("{")].rstrip()
    whole, text = relation.fill(pattern, subject), relation.fill(head, subject)
    return Begun(relation.id, subject.name, text[:1].upper() + text[1:], whole[len(text) :].strip())

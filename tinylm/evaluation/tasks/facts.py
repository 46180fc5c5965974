"""Facts: complete a line of a worksheet. Only the examples show which relation is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tinylm.corpora.world.world import Entity, Relation, World
from tinylm.evaluation.tasks.base import Item, Task, TaskFile


def _facts(world: World) -> Iterator[Task]:
    """Test items are facts that no worksheet in the text has; the text states them otherwise."""
    yield Task(
        "facts",
        "Facts",
        "Complete a worksheet line. Which relation is meant only the examples can tell.",
        train=fact_items(world, held_out=False, asks=subject_alone),
        test=fact_items(world, held_out=True, asks=subject_alone),
    )


def fact_items(
    world: World, *, held_out: bool, asks: Callable[[Relation, Entity], str]
) -> tuple[Item, ...]:
    """The facts on worksheets, or those held out of them, each as `asks` writes its context."""
    return tuple(
        Item(asks(relation, subject), relation.answers, relation.answers.index(answer), relation.id)
        for relation in world.relations
        if not relation.joins
        for subject, answer in facts_of(world, relation, held_out=held_out)
    )


def facts_of(world: World, relation: Relation, *, held_out: bool) -> Iterator[tuple[Entity, str]]:
    """The facts of a relation that worksheets show, or those that no line of them shows."""
    asked = world.asked_about(relation)
    for subject, answer in relation.facts.items():
        if subject in asked if held_out else subject not in relation.held_out:
            yield subject, answer


def subject_alone(relation: Relation, subject: Entity) -> str:
    """A context that does not say which relation is meant."""
    return subject.name


TASKS = TaskFile(order=10, tasks_of=_facts)

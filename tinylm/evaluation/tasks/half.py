"""Questions about half of the things: a model learns to answer them, and is asked about the others.

What a model answers about the other half it can only have from its pre-training text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tinylm.corpora.world.world import Entity, Relation, Table, World
from tinylm.evaluation.tasks.base import Item, Task, TaskFile

NAME = "half"
LEAST = 2  # relations that a table needs: less makes no biography


def _half(world: World) -> Iterator[Task]:
    yield Task(
        NAME,
        "Questions about half of the things",
        "Answer questions about things of which no question was in the training examples.",
        train=tuple(_items(world, trained=True)),
        test=tuple(_items(world, trained=False)),
        before="Question: ",
        between="\nAnswer:",
    )


def told_tables(world: World) -> Iterator[tuple[Table, tuple[Relation, ...]]]:
    """The tables whose entities have several facts, with the relations that are asked about."""
    for table in world.tables:
        plain = tuple(one for one in table.relations if not one.joins and not one.constant)
        if len(plain) >= LEAST:
            yield table, plain


def in_trained_half(entity: Entity) -> bool:
    """Whether the questions about an entity are training examples, by a hash of its name."""
    return hashlib.sha256(f"half\x1f{entity.name}".encode()).digest()[0] % 2 == 0


def _items(world: World, *, trained: bool) -> Iterator[Item]:
    for _, relations in told_tables(world):
        for relation in relations:
            for subject, answer in relation.facts.items():
                if in_trained_half(subject) is trained:
                    asked = relation.fill(relation.question, subject)
                    place = relation.answers.index(answer)
                    yield Item(asked, relation.answers, place, relation.id)


TASKS = TaskFile(order=70, tasks_of=_half, listed=False)

"""Questions: the same facts, asked in a form that never stands in the pre-training text."""

from __future__ import annotations

from collections.abc import Iterator

from tinylm.corpora.world.world import Entity, Relation, World
from tinylm.evaluation.tasks.base import Task, TaskFile
from tinylm.evaluation.tasks.facts import fact_items


def _questions(world: World) -> Iterator[Task]:
    yield Task(
        "questions",
        "Questions",
        "Answer a question, in a form that never stands in the pre-training text.",
        train=fact_items(world, held_out=False, asks=_question),
        test=fact_items(world, held_out=True, asks=_question),
        before="Question: ",
        between="\nAnswer:",
    )


def _question(relation: Relation, subject: Entity) -> str:
    return relation.fill(relation.question, subject)


TASKS = TaskFile(order=20, tasks_of=_questions)

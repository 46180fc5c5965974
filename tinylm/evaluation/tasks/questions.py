"""Questions: the same facts, asked in a form that never stands in the pre-training text."""

from __future__ import annotations

from collections.abc import Iterator

from tinylm.corpora.world.added import leaked
from tinylm.corpora.world.world import Entity, Relation, World
from tinylm.evaluation.tasks.base import Item, Task, TaskFile
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


def leaked_items(task: Task, share: float) -> tuple[list[Item], list[Item]]:
    """The test items of this task that stand in a text that leaks so many of them, and the rest.

    A smaller share leaks some of the items that a larger one leaks.
    """
    found = {question for question, _ in leaked([(one.context, None) for one in task.test], share)}
    return (
        [one for one in task.test if one.context in found],
        [one for one in task.test if one.context not in found],
    )


TASKS = TaskFile(order=20, tasks_of=_questions)

"""Tasks: questions with known answers, in training and test items that do not meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tinylm.corpora.world import Entity, Relation, World, default_world
from tinylm.errors import NotFound


@dataclass(frozen=True)
class Item:
    """One question: `context`, the `choices`, and the index of the right one, `gold`."""

    context: str
    choices: tuple[str, ...]
    gold: int
    group: str = ""  # few-shot examples come from the same group (relation)

    @property
    def answer(self) -> str:
        return self.choices[self.gold]


@dataclass(frozen=True)
class Task:
    """A named set of items and the way they are written down.

    A solved example is `before + context + between + answer + after`; a prompt ends with
    `before + context + between`, without the space that begins the answer's first token.
    """

    name: str
    title: str
    description: str
    train: tuple[Item, ...]
    test: tuple[Item, ...]
    before: str = ""
    between: str = " ->"
    answer_prefix: str = " "  # written before the answer, part of the answer's first token
    after: str = "\n"
    answer_name: str = "answer"


def tasks_for(corpus_name: str) -> tuple[Task, ...]:
    """The tasks that a corpus can teach; none for texts without known answers."""
    return _world_tasks() if corpus_name == "world" else ()


def task(corpus_name: str, name: str) -> Task:
    """One task by name. Raises NotFound."""
    found = tasks_for(corpus_name)
    for one in found:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in found)
    raise NotFound(
        f"{corpus_name!r} has no task {name!r}; its tasks are {names}."
        if names
        else f"{corpus_name!r} is text without known answers, so it has no tasks."
    )


def world_tasks(world: World) -> tuple[Task, ...]:
    """Facts as worksheets ask them, and the same facts as questions.

    Test items are the facts held out of worksheets: a model has read them, but never in
    this form. So a right answer needs knowledge from reading and the task from examples.
    """
    facts = Task(
        "facts",
        "Facts",
        "Complete a worksheet line. Which relation is meant only the examples can tell.",
        train=_items(world, held_out=False, asks=_subject),
        test=_items(world, held_out=True, asks=_subject),
    )
    questions = Task(
        "questions",
        "Questions",
        "Answer a question, in a form that never stands in the pre-training text.",
        train=_items(world, held_out=False, asks=_question),
        test=_items(world, held_out=True, asks=_question),
        before="Question: ",
        between="\nAnswer:",
    )
    return (facts, questions)


@lru_cache(maxsize=1)
def _world_tasks() -> tuple[Task, ...]:
    return world_tasks(default_world())


def _items(
    world: World, *, held_out: bool, asks: Callable[[Relation, Entity], str]
) -> tuple[Item, ...]:
    return tuple(
        Item(asks(relation, subject), relation.answers, relation.answers.index(answer), relation.id)
        for relation in world.relations
        for subject, answer in relation.facts.items()
        if (subject in relation.held_out) == held_out
    )


def _subject(relation: Relation, subject: Entity) -> str:
    return subject.name


def _question(relation: Relation, subject: Entity) -> str:
    return relation.fill(relation.question, subject)

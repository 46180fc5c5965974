"""A task: questions with known answers, and the way they are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tinylm.corpora.world.world import World

T = TypeVar("T")

TRAIN_ITEMS, TEST_ITEMS = 600, 250  # of tasks whose items are generated


def spread(options: Sequence[T], number: int) -> list[T]:
    """`number` of the options, evenly spread over all; all where there are no more."""
    number = min(number, len(options))
    return [options[i * len(options) // number] for i in range(number)]


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
    test: tuple[Item, ...]  # none of them stands in `train`
    before: str = ""
    between: str = " ->"
    answer_prefix: str = " "  # written before the answer, part of the answer's first token
    after: str = "\n"
    metrics: tuple[str, ...] = ("accuracy",)  # names in evaluation.metrics; the first one leads
    decide: str = "greedy"  # greedy: the answer is written; ranked: it is chosen from `choices`
    max_fewshot: int = 8
    contrast: tuple[Item, ...] = ()  # examples of another task, for a control

    @property
    def labels(self) -> tuple[str, ...]:
        """All answers that occur, sorted."""
        return tuple(sorted({c for item in (*self.train, *self.test) for c in item.choices}))


@dataclass(frozen=True)
class TaskFile:
    """What a file of this package offers under the name `TASKS`; adding the file is enough."""

    order: int  # lists show tasks with a lower order first
    tasks_of: Callable[[World], Iterable[Task]]  # gives no task if the world lacks what it needs
    listed: bool = True  # False: only an experiment asks for them, by name

"""Zero-shot and few-shot prompts: the literal text that a model is asked to continue."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from typing import TypeVar

from tinylm.errors import BadRequest
from tinylm.evaluation.tasks.base import Item, Task

T = TypeVar("T")

CONTROLS = ("", "shuffled", "other")  # how the examples are spoiled; "" leaves them as they are


@dataclass(frozen=True)
class Prompt:
    """A text that ends where the answer begins.

    `answer` and `choices` are written as they follow the text, with the space in front, so
    `text + answer + task.after` is one more solved example.
    """

    text: str
    examples: tuple[Item, ...]
    answer: str
    choices: tuple[str, ...]


def answer_text(task: Task, item: Item) -> str:
    """The right answer as it follows the prompt, leading space included."""
    return task.answer_prefix + item.answer


def solved(task: Task, item: Item) -> str:
    """An item with its answer, as it stands in a few-shot prompt."""
    return f"{task.before}{item.context}{task.between}{answer_text(task, item)}{task.after}"


def few_shot_prompt(
    task: Task, item: Item, num_fewshot: int, seed: int, control: str = ""
) -> Prompt:
    """`item` after `num_fewshot` solved training examples of its own group.

    The examples depend only on seed, task, item and `control`. So every model gets the same
    prompt, every item has its own examples, and the examples for k are the first k of those for
    k + 1. The item itself is never among them.

    The control "shuffled" gives each example a random answer from the whole task (Min et al.
    2022, https://arxiv.org/abs/2202.12837). "other" takes its examples from `other_examples`.
    Raises BadRequest for an unknown control or if there are too few examples.
    """
    pool = other_examples(task, item) if control == "other" else task.train
    if control == "other" and not pool:
        raise BadRequest(
            f"Task {task.name!r} stands alone: there is no other task whose examples could spoil "
            "its prompts. Choose the control shuffled."
        )
    group = item.group if control != "other" and item.group else None
    others = [
        other for other in pool if group in (None, other.group) and other.context != item.context
    ]
    largest = min(len(others), task.max_fewshot)
    if not 0 <= num_fewshot <= largest:
        raise BadRequest(
            f"num_fewshot must be between 0 and {largest}, the number of training examples "
            f"for {item.group or task.name}; got {num_fewshot}."
        )
    if control not in CONTROLS:
        raise BadRequest(f"There is no control {control!r}: choose shuffled or other.")
    key = f"{seed}\x1f{task.name}\x1f{item.group}\x1f{item.context}"
    examples = _drawn(others, key, num_fewshot)
    if control == "shuffled":
        examples = _with_random_answers(examples, task, key)
    shown = "".join(solved(task, example) for example in examples)
    return Prompt(
        text=f"{shown}{task.before}{item.context}{task.between}",
        examples=tuple(examples),
        answer=answer_text(task, item),
        choices=tuple(task.answer_prefix + choice for choice in item.choices),
    )


def other_examples(task: Task, item: Item) -> tuple[Item, ...]:
    """Training examples of another task, or of another group of this one.

    If possible, they come from a group that also asks about this item's subject. Then the same
    query has another right answer after these examples.
    """
    pool = task.contrast or task.train
    asked = {other.group for other in pool if other.context == item.context}
    table = item.group.partition(".")[0]
    ranked = sorted(
        dict.fromkeys(other.group for other in pool if other.group != item.group or task.contrast),
        key=lambda group: (group not in asked, group.partition(".")[0] != table),
    )
    return tuple(other for other in pool if other.group in ranked[:1])


def controls_of(task: Task) -> tuple[str, ...]:
    """The controls that a task can have: "other" needs another task, or another group."""
    others = task.contrast or len({item.group for item in task.train}) > 1
    return CONTROLS if others else CONTROLS[:2]


def _with_random_answers(examples: list[Item], task: Task, key: str) -> list[Item]:
    """Give each example a random answer, drawn from all answers in the task's training items."""
    answers = sorted({item.answer for item in task.train})
    return [
        replace(example, choices=tuple(_drawn(answers, f"{key}\x1fanswer {i}", 1)), gold=0)
        for i, example in enumerate(examples)
    ]


def _drawn(items: list[T], key: str, count: int) -> list[T]:
    """`count` items in a random order that depends on `key` alone, in every Python version."""
    number = random.Random(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")).random
    left = list(items)
    return [left.pop(int(number() * len(left))) for _ in range(count)]

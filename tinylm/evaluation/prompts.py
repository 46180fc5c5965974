"""Zero-shot and few-shot prompts: the literal text that a model is asked to continue."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from tinylm.errors import BadRequest
from tinylm.evaluation.tasks import Item, Task


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


def few_shot_prompt(task: Task, item: Item, num_fewshot: int, seed: int) -> Prompt:
    """`item` after `num_fewshot` solved training examples of its own group.

    The examples depend on seed, task and item only: every model gets the same prompt, every
    item its own examples, and the examples for k are the first of those for k + 1. The item
    itself is never among them. Raises BadRequest where the group has too few.
    """
    others = [
        other for other in task.train if other.group == item.group and other.context != item.context
    ]
    if not 0 <= num_fewshot <= len(others):
        raise BadRequest(
            f"num_fewshot must be between 0 and {len(others)}, the number of training examples "
            f"for {item.group or task.name}; got {num_fewshot}."
        )
    examples = _shuffled(others, f"{seed}\x1f{task.name}\x1f{item.group}\x1f{item.context}")
    examples = examples[:num_fewshot]
    shown = "".join(solved(task, example) for example in examples)
    return Prompt(
        text=f"{shown}{task.before}{item.context}{task.between}",
        examples=tuple(examples),
        answer=answer_text(task, item),
        choices=tuple(task.answer_prefix + choice for choice in item.choices),
    )


def _shuffled(items: list[Item], key: str) -> list[Item]:
    """A random order that depends on `key` alone, the same in every Python version."""
    number = random.Random(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")).random
    left = list(items)
    return [left.pop(int(number() * len(left))) for _ in items]

"""The questions that a model at home can be asked: some of each task's, with their examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from tinylm.errors import BadRequest
from tinylm.evaluation.context import Context
from tinylm.evaluation.tasks import Item, Task
from tinylm.evaluation.tasks.base import spread

QUESTIONS = 8  # of each task
SEED = 1  # of the examples, as in the lessons


class Asked(TypedDict):
    """A held-out question, and the solved examples that may stand before it."""

    title: str
    query: str
    examples: list[str]  # as many as fit into the context, the first ones first
    answer: str
    longest: int  # tokens of the longest answer


class Menu(TypedDict):
    """The questions of one task."""

    title: str
    end: str  # what ends an answer
    questions: list[Asked]


def menus(tasks: Iterable[Task], context: Context) -> list[Menu]:
    """Those of these tasks whose answers are written, and of which something fits the context."""
    found = [_menu(one, context) for one in tasks if one.decide == "greedy"]
    return [one for one in found if one["questions"]]


def _menu(one: Task, context: Context) -> Menu:
    questions = []
    for item in spread(one.test, QUESTIONS):
        try:
            questions.append(_asked(one, item, context))
        except BadRequest:  # it does not fit, or has too few examples
            continue
    return {"title": one.title, "end": one.after, "questions": questions}


def _asked(one: Task, item: Item, context: Context) -> Asked:
    same = sum(other.group == item.group for other in one.train if other.context != item.context)
    prompt = context.few_shot_prompt(one, item, min(one.max_fewshot, same), SEED)
    examples = [
        f"{one.before}{other.context}{one.between}{one.answer_prefix}{other.answer}{one.after}"
        for other in prompt.examples
    ]
    kind = f" ({item.group.rpartition('.')[2]})" if item.group else ""
    return {
        "title": f"{item.context}{kind}",
        "query": prompt.text.removeprefix("".join(examples)),
        "examples": examples,
        "answer": item.answer,
        "longest": context.longest_answer(prompt.choices, one.after) + 2,
    }

"""One measurement: a model, a task and a number of examples give an accuracy and its interval."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tinylm.errors import BadRequest
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.scoring import Question, Scores, score
from tinylm.evaluation.tasks import Item, Task
from tinylm.model import GPT
from tinylm.tokenizer import Tokenizer

MAX_FEWSHOT = 8


def measure(
    model: GPT,
    tokenizer: Tokenizer,
    task: Task,
    *,
    num_fewshot: int,
    group: str = "",
    limit: int = 0,
    seed: int = 1,
) -> dict[str, Any]:
    """Score the held-out items of `task` (of one `group`; `limit` of them, evenly spread; 0: all).

    Accuracy counts exact matches of the greedy answer; `ranked_accuracy` takes the most
    probable of the allowed answers. Both stand with n and a 95 % Wilson interval, beside
    `chance` (a random allowed answer) and `majority` (the commonest answer of each group's
    training items).
    """
    if not 0 <= num_fewshot <= MAX_FEWSHOT:
        raise BadRequest(f"num_fewshot must be between 0 and {MAX_FEWSHOT}; got {num_fewshot}.")
    items = [item for item in task.test if group in ("", item.group)]
    if 0 < limit < len(items):  # spread over all groups
        items = [items[i * len(items) // limit] for i in range(limit)]
    if not items:
        raise BadRequest(f"Task {task.name!r} has no group {group!r}: choose another.")
    prompts = [few_shot_prompt(task, item, num_fewshot, seed) for item in items]
    answers = score(
        model,
        tokenizer,
        [
            Question(p.text, tuple(task.answer_prefix + c for c in item.choices), task.after)
            for p, item in zip(prompts, items, strict=True)
        ],
    )
    rows = [_row(item, p.text, s) for item, p, s in zip(items, prompts, answers, strict=True)]
    return {
        "task": task.name,
        "num_fewshot": num_fewshot,
        "group": group,
        "seed": seed,
        **_proportion("", [row["correct"] for row in rows]),
        **_proportion("ranked_", [row["ranked_correct"] for row in rows]),
        "chance": sum(1 / len(item.choices) for item in items) / len(items),
        "majority": _majority(task, items),
        "groups": {
            name: _proportion("", [r["correct"] for r in rows if r["group"] == name])
            for name in sorted({item.group for item in items})
        },
        "items": rows,
    }


def _row(item: Item, prompt: str, scores: Scores) -> dict[str, Any]:
    return {
        "group": item.group,
        "context": item.context,
        "prompt": prompt,
        "gold": item.answer,
        "greedy": scores.greedy,
        "correct": scores.greedy == item.answer,
        "ranked": item.choices[scores.ranked],
        "ranked_correct": scores.ranked == item.gold,
        "ranked_normalised_correct": scores.ranked_normalised == item.gold,
    }


def _proportion(prefix: str, correct: list[bool]) -> dict[str, Any]:
    low, high = wilson(sum(correct), len(correct))
    return {
        f"{prefix}n": len(correct),
        f"{prefix}correct": sum(correct),
        f"{prefix}accuracy": sum(correct) / len(correct),
        f"{prefix}low": low,
        f"{prefix}high": high,
    }


def _majority(task: Task, items: list[Item]) -> float:
    """Accuracy of always giving the commonest answer of the group's training items."""
    common: dict[str, str] = {}
    for name in {item.group for item in items}:
        counts = Counter(item.answer for item in task.train if item.group == name)
        common[name] = counts.most_common(1)[0][0] if counts else ""
    return sum(common[item.group] == item.answer for item in items) / len(items)

"""One measurement: a model, a task and a number of examples give an accuracy and its interval."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tinylm.errors import BadRequest
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.metrics import accuracy, bleu, macro_f1
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.scoring import Question, Scores, score
from tinylm.evaluation.tasks.task import Item, Task
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import Tokenizer


def measure(
    model: GPT,
    tokenizer: Tokenizer,
    task: Task,
    *,
    num_fewshot: int,
    group: str = "",
    limit: int = 0,
    seed: int = 1,
    control: str = "",
    ranked: bool = True,
) -> dict[str, Any]:
    """Score the held-out items of `task` (of one `group`; `limit` of them, evenly spread; 0: all).

    `accuracy` counts exact matches of the greedy answer, or for a task that is decided so the
    choices that are the most probable; `ranked_accuracy` always counts the latter. Both stand
    with n and a 95 % Wilson interval, beside `chance` (a random allowed answer) and `majority`
    (the commonest answer of each group's training items). `metrics` has what the task is
    measured by, `control` is that of `few_shot_prompt`. Without `ranked` only the greedy answer
    is asked for, which is quicker.
    """
    items = [item for item in task.test if group in ("", item.group)]
    if 0 < limit < len(items):  # spread over all groups
        items = [items[i * len(items) // limit] for i in range(limit)]
    if not items:
        raise BadRequest(f"Task {task.name!r} has no group {group!r}: choose another.")
    prompts = [few_shot_prompt(task, item, num_fewshot, seed, control) for item in items]
    ranked = ranked or task.decide == "ranked"
    answers = score(
        model,
        tokenizer,
        [Question(p.text, p.choices if ranked else (), task.after) for p in prompts],
    )
    rows = [_row(task, item, p.text, s) for item, p, s in zip(items, prompts, answers, strict=True)]
    return {
        "task": task.name,
        "num_fewshot": num_fewshot,
        "group": group,
        "seed": seed,
        "control": control,
        **_proportion("", [row["correct"] for row in rows]),
        **(_proportion("ranked_", [row["ranked_correct"] for row in rows]) if ranked else {}),
        "metric": task.metrics[0],
        "metrics": _metrics(task, rows),
        "chance": _chance(items),
        "majority": _majority(task, items),
        "groups": {
            name: _proportion("", [r["correct"] for r in rows if r["group"] == name])
            for name in sorted({item.group for item in items})
        },
        "items": rows,
    }


def _row(task: Task, item: Item, prompt: str, scores: Scores) -> dict[str, Any]:
    row: dict[str, Any] = {
        "group": item.group,
        "context": item.context,
        "prompt": prompt,
        "gold": item.answer,
    }
    row |= {"greedy": scores.greedy, "answer": scores.greedy}
    if scores.log_probabilities:
        row |= {
            "ranked": item.choices[scores.ranked],
            "ranked_correct": scores.ranked == item.gold,
            "ranked_normalised_correct": scores.ranked_normalised == item.gold,
        }
    if task.decide == "ranked":
        row["answer"] = row["ranked"]
    return row | {"correct": row["answer"] == item.answer}


def _metrics(task: Task, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Each of the task's metrics as its value, BLEU with its interval too."""
    gold, answers = [row["gold"] for row in rows], [row["answer"] for row in rows]
    found: dict[str, Any] = {}
    for name in task.metrics:
        if name == "bleu":
            row = bleu(gold, answers)
            found |= {"bleu": row["bleu"], "bleu_low": row["low"], "bleu_high": row["high"]}
        elif name == "macro_f1":
            found[name] = macro_f1(gold, answers, sorted(set(gold)))
        else:
            found[name] = accuracy(gold, answers)
    return found


def _chance(items: list[Item]) -> float:
    """Accuracy of a random allowed answer; nothing is allowed where the answer is free text."""
    return sum(1 / len(i.choices) if len(i.choices) > 1 else 0.0 for i in items) / len(items)


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

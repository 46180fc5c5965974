"""One measurement: a model, a task and a number of examples give an accuracy and its interval."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.errors import BadRequest
from tinylm.evaluation.baselines import chance, majority
from tinylm.evaluation.context import Context
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.metrics import METRICS
from tinylm.evaluation.scoring import Question, Scores, score
from tinylm.evaluation.tasks.base import Item, Task, spread
from tinylm.model.gpt import GPT
from tinylm.questions.models import ExamplesRead, Figure, Measurement, Share
from tinylm.questions.models import Item as Said
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
    texts: bool = False,
) -> Measurement:
    """Score `limit` evenly spread held-out items of `task` (0: all), or those of one `group`.

    The accuracy counts exact matches of the greedy answer; in a task with `decide="ranked"` it
    counts items whose most probable choice is right. The result's `ranked` always counts the
    latter. Without `ranked` only the greedy answer is computed, which is faster. `control` is
    that of `few_shot_prompt`. With `texts` the result also holds the items and their answers.
    Raises BadRequest for a group without items, and for an item that does not fit into the model's
    context even without an example.
    """
    if limit < 0:
        raise BadRequest(f"limit must be 0 (all items) or more; got {limit}.")
    items = [item for item in task.test if group in ("", item.group)]
    if 0 < limit < len(items):  # spread over all groups
        items = spread(items, limit)
    if not items:
        raise BadRequest(f"Task {task.name!r} has no group {group!r}: choose another.")
    context = Context(tokenizer, model.config.block_size)
    prompts = [context.few_shot_prompt(task, item, num_fewshot, seed, control) for item in items]
    ranked = ranked or task.decide == "ranked"
    questions = [Question(prompt.text, prompt.choices, task.after) for prompt in prompts]
    answers = score(model, tokenizer, questions, ranked=ranked)
    said = [_said(task, item, scores) for item, scores in zip(items, answers, strict=True)]
    right = tuple(one.correct for one in said)
    all_items = _share(right)
    return Measurement(
        n=all_items.n,
        correct=all_items.correct,
        accuracy=all_items.accuracy,
        low=all_items.low,
        high=all_items.high,
        metric=task.metrics[0],
        metrics=_metrics(task, said),
        chance=chance(items),
        majority=majority(task, items),
        ranked=_share([s.ranked == i.gold for s, i in zip(answers, items, strict=True)])
        if ranked
        else None,
        groups={
            name: _share([one.correct for one in said if one.group == name])
            for name in sorted({item.group for item in items})
        },
        right=right,
        examples=_examples(num_fewshot, [len(prompt.examples) for prompt in prompts]),
        items=tuple(said) if texts else (),
    )


def _said(task: Task, item: Item, scores: Scores) -> Said:
    answer = item.choices[scores.ranked] if task.decide == "ranked" else scores.greedy
    return Said(item.group, item.context, item.answer, answer, answer == item.answer)


def _examples(asked: int, read: Sequence[int]) -> ExamplesRead:
    mean, complete = sum(read) / len(read), sum(number == asked for number in read)
    return ExamplesRead(asked, min(read), mean, max(read), complete)


def _metrics(task: Task, said: Sequence[Said]) -> dict[str, Figure]:
    """Each of the task's metrics, by name."""
    gold, answers = [one.gold for one in said], [one.answer for one in said]
    return {name: METRICS[name].compute(gold, answers) for name in task.metrics}


def _share(right: Sequence[bool]) -> Share:
    low, high = wilson(sum(right), len(right))
    return Share(len(right), sum(right), sum(right) / len(right), low, high)

"""The same answers by three metrics: whole answers, single tokens, and log-probability.

Exact match gives nothing for an answer that is almost right, so an ability may look as if it came
at once that grew all the time (Schaeffer et al. 2023, https://arxiv.org/abs/2304.15004).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tinylm.evaluation.context import Context
from tinylm.evaluation.forced import Forced, forced, row_of, rows_of
from tinylm.evaluation.tasks.base import Item, Task, spread
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class ThreeMetrics:
    """Means over the right answers of `n` items."""

    n: int
    exact: float  # share of answers that are right as a whole
    tokens: float  # share of the tokens of an answer that are right, without its end
    log_probability: float  # of a whole answer with its end, in nats
    length: float  # tokens of an answer, without its end


def three_metrics(
    model: GPT, tokenizer: Tokenizer, task: Task, num_fewshot: int, limit: int = 0
) -> ThreeMetrics:
    """Measure `limit` evenly spread held-out items (0: all) after up to `num_fewshot` examples.

    In a task that is decided by ranking, an answer is right if it is more probable than the other
    choices; the other metrics look at the right choice alone.
    """
    items = list(task.test)
    if 0 < limit < len(items):
        items = spread(items, limit)
    context = Context(tokenizer, model.config.block_size)
    shots = min(num_fewshot, task.max_fewshot)
    found = forced(model, rows_of(context, task, items, shots))
    exact = (
        _ranked_first(model, context, task, items, found)
        if task.decide == "ranked"
        else [one.exact for one in found]
    )
    # That a line ends after the answer is learned at once, and would make all answers look better.
    end, n = len(tokenizer.encode(task.after)), len(found)
    right = [one.right[: len(one.right) - end] for one in found]
    return ThreeMetrics(
        n=n,
        exact=sum(exact) / n,
        tokens=math.fsum(sum(one) / len(one) for one in right) / n,
        log_probability=math.fsum(one.log_probability for one in found) / n,
        length=sum(map(len, right)) / n,
    )


def _ranked_first(
    model: GPT, context: Context, task: Task, items: Sequence[Item], right: Sequence[Forced]
) -> list[bool]:
    """Whether the right choice of each item is more probable than all its other choices."""
    others = [
        (place, row_of(context, "", task.answer_prefix + choice + task.after))
        for place, item in enumerate(items)
        for number, choice in enumerate(item.choices)
        if number != item.gold
    ]
    first = [True] * len(items)
    answers = forced(model, [row for _, row in others])
    for (place, _), one in zip(others, answers, strict=True):
        first[place] &= one.log_probability < right[place].log_probability
    return first

"""Where a model looks at the end of a few-shot prompt: at the examples' answers, or elsewhere.

The induction score (tinylm/inside/traces.py) measures copying among random tokens. This module
measures the same in text that the model knows. In `Peru -> Lima⏎ Ghana ->` the last token has
occurred before, in each example, and there the example's answer came after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import torch

from tinylm.evaluation.prompts import Prompt, few_shot_prompt, solved
from tinylm.evaluation.tasks.base import Task
from tinylm.inside.traces import Trace
from tinylm.model.gpt import GPT
from tinylm.questions.inside import ByHead
from tinylm.text.tokenizer import Tokenizer

ITEMS = 48  # most prompts, one for each held-out item
SHOTS = 4


@dataclass(frozen=True)
class Places:
    """A prompt as the model reads it, and where the examples' answers are in it."""

    ids: list[int]  # the separator of documents first
    answers: list[int]  # positions of the first token of each example's answer
    separators: list[int]  # positions of the token before each of those


def places(tokenizer: Tokenizer, task: Task, prompt: Prompt) -> Places:
    """Find the places of `prompt`'s examples from the bytes at which their answers begin.

    A token that begins before an answer and reaches into it counts as the answer's first token.
    """
    ids = tokenizer.encode(prompt.text)
    ends = list(accumulate(len(tokenizer.token_bytes(token)) for token in ids))
    answers, start = [], 0
    for example in prompt.examples:
        before = f"{task.before}{example.context}{task.between}"
        byte = start + len(before.encode("utf-8"))
        answers.append(next(i for i, end in enumerate(ends) if end > byte))
        start += len(solved(task, example).encode("utf-8"))
    shifted = [position + 1 for position in answers]  # behind the separator of documents
    return Places([tokenizer.separator, *ids], shifted, [position - 1 for position in shifted])


@torch.inference_mode()
def example_scores(
    model: GPT,
    tokenizer: Tokenizer,
    task: Task,
    *,
    num_fewshot: int = SHOTS,
    limit: int = ITEMS,
    seed: int = 1,
) -> tuple[ByHead, ByHead, float, int]:
    """How much of the last token's attention goes to the examples: (answers, separators, even, n).

    `answers` and `separators` are shares of attention, from 0 to 1, by layer and head: to the
    first tokens of the examples' answers, and to the tokens just before them. `even` is the share
    that either would get if attention were spread evenly over the whole prompt. All three are
    means over `n` prompts of held-out items, spread over the task. Prompts that are longer than
    the context are left out; without any prompt the result is ((), (), 0.0, 0).
    """
    items = task.test[:: max(1, len(task.test) // limit)][:limit]
    device = model.embedding.weight.device
    totals = {"answers": torch.zeros(0), "separators": torch.zeros(0)}
    even, n = 0.0, 0
    for item in items:
        found = places(tokenizer, task, few_shot_prompt(task, item, num_fewshot, seed))
        if len(found.ids) > model.config.block_size or not found.answers:
            continue
        seen = Trace(model, torch.tensor([found.ids], device=device))
        last = torch.stack(
            [layer[0, :, -1].float().cpu() for layer in seen.attention]
        )  # (L, nh, T)
        for name, where in (("answers", found.answers), ("separators", found.separators)):
            share = last[..., where].sum(dim=-1)  # (L, nh)
            totals[name] = share if not n else totals[name] + share
        even += len(found.answers) / len(found.ids)
        n += 1
    if not n:
        return (), (), 0.0, 0
    answers, separators = (
        tuple(tuple(round(v, 4) for v in layer) for layer in (total / n).tolist())
        for total in totals.values()
    )
    return answers, separators, round(even / n, 4), n

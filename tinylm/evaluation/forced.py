"""Teacher forcing: how probable each token of the right answer is after the right ones before it.

An exact match needs all of these tokens to be the most probable ones. So one reading gives the
metric that counts whole answers, and finer ones that count how near an answer is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.likelihoods import batches
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.model.gpt import GPT
from tinylm.text.batches import IGNORE, answer_rows

Row = tuple[list[int], list[int]]  # ids of a prompt, and of the answer with its end
# Ids (B, T) of the rows with these numbers -> hidden states (B, T, C).
Read = Callable[[Tensor, Sequence[int]], Tensor]


@dataclass(frozen=True)
class Forced:
    """The tokens of one answer and of its end, in order."""

    log_probabilities: tuple[float, ...]  # nats
    right: tuple[bool, ...]  # whether the token is the most probable one

    @property
    def exact(self) -> bool:
        """Whether the greedy answer is this one."""
        return all(self.right)

    @property
    def log_probability(self) -> float:
        """That of the whole answer, in nats."""
        return math.fsum(self.log_probabilities)


def rows_of(
    context: Context, task: Task, items: Sequence[Item], num_fewshot: int, control: str = ""
) -> list[Row]:
    """The prompt of each item with so many examples, and its right answer."""
    prompts = [context.few_shot_prompt(task, item, num_fewshot, 1, control) for item in items]
    return [row_of(context, prompt.text, prompt.answer + task.after) for prompt in prompts]


def row_of(context: Context, prompt: str, answer: str) -> Row:
    """A prompt and an answer, which includes its end, in tokens."""
    return prompt_ids(context.tokenizer, prompt), context.tokenizer.encode(answer)


@torch.inference_mode()
def forced(model: GPT, rows: Sequence[Row], read: Read | None = None) -> list[Forced]:
    """How each of the rows is answered; `read` may change how the model reads them."""
    device = model.embedding.weight.device
    found: dict[int, Forced] = {}
    for numbers in batches([len(prompt) + len(answer) for prompt, answer in rows]):
        ids, targets = (one.to(device) for one in answer_rows([rows[i] for i in numbers]))
        hidden = read(ids, numbers) if read else model.hidden_states(ids)
        counts = targets != IGNORE
        logits = F.linear(hidden[counts], model.embedding.weight).float()  # (answer tokens, V)
        wanted = targets[counts]
        values = logits.log_softmax(dim=-1).gather(1, wanted[:, None])[:, 0].tolist()
        right = (logits.argmax(dim=-1) == wanted).tolist()
        start = 0
        for i in numbers:
            end = start + len(rows[i][1])
            found[i] = Forced(tuple(values[start:end]), tuple(right[start:end]))
            start = end
    return [found[i] for i in range(len(rows))]


def last_positions(rows: Sequence[Row], numbers: Sequence[int]) -> Tensor:
    """The place of the last token of each prompt, from which the answer's first token follows."""
    return torch.tensor([len(rows[i][0]) - 1 for i in numbers])

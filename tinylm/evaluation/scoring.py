"""Scoring prompts: greedy answers and the odds of the allowed answers, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.batches import IGNORE, answer_rows
from tinylm.errors import BadRequest
from tinylm.model import GPT, KeyValueCache
from tinylm.tokenizer import Tokenizer

BATCH_ROWS = 64


@dataclass(frozen=True)
class Question:
    """A prompt that ends where an answer begins, and the answers that are allowed."""

    prompt: str
    choices: tuple[str, ...]  # as written after the prompt, leading space included
    end: str = "\n"  # what ends an answer


@dataclass(frozen=True)
class Scores:
    """What a model answers to one question."""

    greedy: str  # most probable tokens one after the other, up to the end of the answer
    log_probabilities: tuple[float, ...]  # nats, of each choice and the end after it
    num_tokens: tuple[int, ...]  # of each choice and its end

    @property
    def ranked(self) -> int:
        """Index of the most probable choice by summed log-probability."""
        return max(range(len(self.log_probabilities)), key=self.log_probabilities.__getitem__)

    @property
    def ranked_normalised(self) -> int:
        """Index of the most probable choice by log-probability per token."""
        mean = [p / n for p, n in zip(self.log_probabilities, self.num_tokens, strict=True)]
        return max(range(len(mean)), key=mean.__getitem__)


def score(model: GPT, tokenizer: Tokenizer, questions: Sequence[Question]) -> list[Scores]:
    """Greedy answer and log-probability of each choice, for each question.

    A prompt too long for the context together with its longest choice loses its beginning.
    """
    prompts = [prompt_ids(tokenizer, q.prompt) for q in questions]
    choices = [[tokenizer.encode(c + q.end) for c in q.choices] for q in questions]
    room = model.config.block_size
    longest = [max((len(c) for c in cs), default=16) for cs in choices]
    prompts = [p[-(max(1, room - n)) :] for p, n in zip(prompts, longest, strict=True)]
    greedy = greedy_answers(
        model, tokenizer, prompts, [q.end for q in questions], [n + 2 for n in longest]
    )
    log_probabilities = _choice_log_probabilities(model, prompts, choices)
    return [
        Scores(text, tuple(values), tuple(len(c) for c in cs))
        for text, values, cs in zip(greedy, log_probabilities, choices, strict=True)
    ]


def prompt_ids(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """A prompt as the model reads documents: after a separator."""
    if "\0" in prompt:
        raise BadRequest("A prompt cannot hold the NUL character: remove it.")
    return [tokenizer.separator, *tokenizer.encode(prompt)]


@torch.inference_mode()
def greedy_answers(
    model: GPT,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    ends: Sequence[str],
    max_tokens: Sequence[int],
) -> list[str]:
    """The most probable continuation of each prompt up to its end, without surrounding space."""
    answers = [""] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    for first in range(0, len(order), BATCH_ROWS):
        rows = order[first : first + BATCH_ROWS]
        ids = _greedy_batch(
            model,
            [prompts[i] for i in rows],
            max(max_tokens[i] for i in rows),
            [set(tokenizer.encode(ends[i])[:1]) | {tokenizer.separator} for i in rows],
        )
        for i, answer in zip(rows, ids, strict=True):
            answers[i] = tokenizer.decode(answer).strip()
    return answers


def _greedy_batch(
    model: GPT, prompts: Sequence[Sequence[int]], num_tokens: int, stops: Sequence[set[int]]
) -> list[list[int]]:
    device = model.embedding.weight.device
    size = model.config.block_size
    lengths = torch.tensor([len(p) for p in prompts], device=device)
    longest = int(lengths.max())
    ids = torch.zeros(len(prompts), longest, dtype=torch.int64, device=device)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)
    cache = KeyValueCache(model, len(prompts), min(size, longest + num_tokens))
    # Padding is overwritten in the cache before any row's own positions reach it.
    positions = torch.arange(longest, device=device).expand(len(prompts), -1)
    logits = model(ids, cache=cache, positions=positions)
    best = logits[torch.arange(len(prompts)), lengths - 1].argmax(dim=-1)
    answers: list[list[int]] = [[] for _ in prompts]
    running = [True] * len(prompts)
    for offset in range(num_tokens):
        for row, token in enumerate(best.tolist()):
            if running[row] and token not in stops[row]:
                answers[row].append(token)
            else:
                running[row] = False
        if not any(running) or longest + offset >= size:
            break
        step_positions = (lengths + offset)[:, None]
        logits = model(best[:, None], cache=cache, positions=step_positions)
        best = logits[:, -1].argmax(dim=-1)
    return answers


@torch.inference_mode()
def _choice_log_probabilities(
    model: GPT, prompts: Sequence[list[int]], choices: Sequence[Sequence[list[int]]]
) -> list[list[float]]:
    """Summed log-probability of each choice after its prompt, reading each prompt once."""
    result: list[list[float]] = []
    for prompt, answers in zip(prompts, choices, strict=True):
        result.append(_after_prompt(model, prompt, answers) if answers else [])
    return result


def _after_prompt(model: GPT, prompt: list[int], answers: Sequence[list[int]]) -> list[float]:
    device = model.embedding.weight.device
    ids, targets = answer_rows([(prompt[-1:], answer) for answer in answers])
    ids, targets = ids.to(device), targets.to(device)
    start = len(prompt) - 1
    cache = KeyValueCache(model, 1, start + ids.shape[1])
    if start:
        model(
            torch.tensor([prompt[:-1]], device=device),
            cache=cache,
            positions=torch.arange(start, device=device)[None],
        )
    cache.expand(len(answers))
    positions = torch.arange(start, start + ids.shape[1], device=device).expand_as(ids)
    logits = model(ids, cache=cache, positions=positions)
    return (-answer_losses(logits, targets)).tolist()


def answer_losses(logits: Tensor, targets: Tensor) -> Tensor:
    """Summed loss in nats of each row's targets: logits (B, T, V), targets (B, T) -> (B,)."""
    losses = F.cross_entropy(
        logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORE, reduction="none"
    )
    return losses.view(targets.shape).sum(dim=1)

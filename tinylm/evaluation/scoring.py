"""Scoring prompts: greedy answers and the log-probabilities of the allowed answers, in batches.

A batch of prompts is read once into a cache. Greedy answers continue from there token by token.
The choices of each question form prefix trees, which are then read in a few more passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tinylm.errors import BadRequest
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.likelihoods import batches, choice_log_probabilities, log_probabilities
from tinylm.evaluation.prefix_trees import ChoiceTree, choice_trees
from tinylm.model.cache import KeyValueCache
from tinylm.model.gpt import GPT
from tinylm.text.batches import IGNORE, answer_rows
from tinylm.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Question:
    """A prompt that ends where an answer begins, and the answers that are allowed."""

    prompt: str
    choices: tuple[str, ...]  # one or more, as written after the prompt, leading space included
    end: str = "\n"  # what ends an answer


@dataclass(frozen=True)
class Scores:
    """What a model answers to one question."""

    greedy: str  # the most probable token at each place, up to the end of the answer
    log_probabilities: tuple[float, ...]  # nats, of each choice and the end after it

    @property
    def ranked(self) -> int:
        """Index of the most probable choice by summed log-probability."""
        return max(range(len(self.log_probabilities)), key=self.log_probabilities.__getitem__)


@torch.inference_mode()
def score(
    model: GPT, tokenizer: Tokenizer, questions: Sequence[Question], *, ranked: bool = True
) -> list[Scores]:
    """Greedy answer and, where `ranked`, log-probability of each choice, for each question.

    Raises BadRequest for a prompt that does not fit into the context together with its longest
    choice: the beginning of a prompt is never left out.
    """
    rows = _rows(Context(tokenizer, model.config.block_size), questions)
    scores: dict[int, Scores] = {}
    for numbers in batches([len(row.prompt) for row in rows]):
        batch = [rows[i] for i in numbers]
        greedy, values = _score_batch(model, batch, ranked)
        for i, ids, value in zip(numbers, greedy, values, strict=True):
            answer = tokenizer.answer(ids, questions[i].end)
            scores[i] = Scores(answer, tuple(value))
    return [scores[i] for i in range(len(rows))]


def greedy(model: GPT, tokenizer: Tokenizer, questions: Sequence[Question]) -> list[str]:
    """The most probable answer to each question. Raises BadRequest as `score` does."""
    return [one.greedy for one in score(model, tokenizer, questions, ranked=False)]


@torch.inference_mode()
def log_likelihoods(
    model: GPT, tokenizer: Tokenizer, texts: Sequence[str], *, end: bool = False
) -> list[float]:
    """Log-probability in nats of each whole text, which begins after a separator.

    With `end`, the log-probability of the separator after the text is included. A text longer
    than the context is cut into windows that do not see each other.
    """
    size, closing = model.config.block_size, [tokenizer.separator] * end
    numbers, windows = [], []
    for number, text in enumerate(texts):
        ids = [*prompt_ids(tokenizer, text), *closing]
        for start in range(0, len(ids) - 1, size):
            numbers.append(number)
            windows.append(ids[start : start + size + 1])
    sums = [0.0] * len(texts)
    for batch in batches([len(window) for window in windows]):
        examples = [(windows[i][:1], windows[i][1:]) for i in batch]
        inputs, targets = (t.to(model.embedding.weight.device) for t in answer_rows(examples))
        counts = targets != IGNORE
        hidden = model.hidden_states(inputs)[counts]
        places = torch.arange(len(hidden), device=hidden.device)
        values = log_probabilities(model, hidden, places, targets[counts])
        table = torch.zeros(counts.shape, device=hidden.device).masked_scatter_(counts, values)
        for i, value in zip(batch, table.sum(dim=1).tolist(), strict=True):
            sums[numbers[i]] += value
    return sums


@dataclass(frozen=True)
class _Answers:
    """What questions with the same choices share."""

    trees: tuple[ChoiceTree, ...]
    longest: int  # tokens of the longest choice
    stops: frozenset[int]  # tokens that end a greedy answer


@dataclass(frozen=True)
class _Row:
    """One question in tokens."""

    prompt: list[int]
    answers: _Answers
    limit: int  # tokens that a greedy answer may have


def _rows(context: Context, questions: Sequence[Question]) -> list[_Row]:
    known: dict[tuple[tuple[str, ...], str], _Answers] = {}
    rows = []
    for question in questions:
        key = question.choices, question.end
        if key not in known:
            known[key] = _answers(context, *key)
        prompt, longest = prompt_ids(context.tokenizer, question.prompt), known[key].longest
        if len(prompt) + longest > context.size:
            raise BadRequest(
                f"The prompt takes {len(prompt)} tokens and the longest answer {longest}, but this "
                f"model reads at most {context.size} at once: shorten the text."
            )
        # The last token of an answer is never read, so it may lie one position past the context.
        rows.append(_Row(prompt, known[key], min(longest + 2, context.size - len(prompt) + 1)))
    return rows


def _answers(context: Context, choices: tuple[str, ...], end: str) -> _Answers:
    encode = context.tokenizer.encode
    trees = choice_trees([encode(choice + end) for choice in choices])
    return _Answers(trees, context.longest_answer(choices, end), context.tokenizer.stops(end))


def _score_batch(
    model: GPT, rows: Sequence[_Row], ranked: bool
) -> tuple[list[list[int]], list[list[float]]]:
    """Greedy answers, and the log-probabilities of the choices if `ranked`, of each row."""
    device = model.embedding.weight.device
    lengths = torch.tensor([len(row.prompt) for row in rows], device=device)
    longest = int(lengths.max())
    ids = torch.zeros(len(rows), longest, dtype=torch.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row.prompt)] = torch.tensor(row.prompt)
    room = min(model.config.block_size, longest + max(row.limit for row in rows) - 1)
    cache = KeyValueCache(model, len(rows), room)
    # Padding in the cache is never seen: a row's own tokens overwrite it, or it is masked.
    positions = torch.arange(longest, device=device).expand(len(rows), -1)
    hidden = model.hidden_states(ids.to(device), cache, positions)
    roots = hidden[torch.arange(len(rows), device=device), lengths - 1]  # (B, C)
    greedy = _greedy_answers(model, cache, roots, lengths, rows)
    if not ranked:
        return greedy, [[] for _ in rows]
    trees = [row.answers.trees for row in rows]
    return greedy, choice_log_probabilities(model, cache, roots, lengths, trees)


def _greedy_answers(
    model: GPT, cache: KeyValueCache, roots: Tensor, lengths: Tensor, rows: Sequence[_Row]
) -> list[list[int]]:
    """The most probable token after each root (B, C), and so on up to a stop or the limit."""
    answers: list[list[int]] = [[] for _ in rows]
    running = [True] * len(rows)
    hidden, room = roots, cache.keys.shape[3]
    while True:
        best = model.logits(hidden).argmax(dim=-1)
        for i, (row, token) in enumerate(zip(rows, best.tolist(), strict=True)):
            running[i] = running[i] and token not in row.answers.stops
            if running[i]:
                answers[i].append(token)
                running[i] = len(answers[i]) < row.limit
        if not any(running):
            return answers
        # Finished rows may overwrite the last position; their answers no longer read it.
        positions = lengths.clamp(max=room - 1)[:, None]
        hidden = model.hidden_states(best[:, None], cache, positions)[:, 0]
        lengths = lengths + 1

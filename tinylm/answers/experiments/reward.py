"""Measures how a model answers questions: at its best, and in several tries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from tinylm.answers.experiments.solver import number, share
from tinylm.answers.loading import load_model
from tinylm.evaluation.context import Context, prompt_ids
from tinylm.evaluation.scoring import Question, greedy
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks.base import Item, Task, spread
from tinylm.experiments.reward import (
    NEW,
    NEW_ONCE,
    NEW_TRIES,
    PRACTISED,
    PRACTISED_ONCE,
    PRACTISED_TRIES,
    TASK,
    TRIES,
)
from tinylm.model.gpt import GPT
from tinylm.model.tries import tries
from tinylm.questions.experiments import Figure, Figures, Look, Measured, Shown
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.reward import answer_of, exact_match

LOOKED_AT = 80  # held-out questions of a look
SOME = 130  # questions of each split that are tried several times, spread over all of them
AT_ONCE = 64  # questions that are tried at once
SHOWN = 12  # answers to held-out questions
SEED = 7  # of the tries, the same for every model


def measure(question: Look | Figures, home: Path) -> Measured:
    """The most probable answers and, in the end, several tries."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    task = find_task(config.corpus, TASK, home)
    if isinstance(question, Look):
        said = answers(model, tokenizer, task, items := spread(task.test, LOOKED_AT))
        return Measured({NEW: _right(items, said)})
    practised, tried = spread(task.train, SOME), spread(task.test, SOME)
    new = answers(model, tokenizer, task, task.test)
    shown = range(0, len(task.test), max(1, len(task.test) // SHOWN))
    return Measured(
        {
            NEW: _right(task.test, new),
            **_tried(model, tokenizer, task, tried, (NEW_TRIES, NEW_ONCE)),
            PRACTISED: _right(practised, answers(model, tokenizer, task, practised)),
            **_tried(model, tokenizer, task, practised, (PRACTISED_TRIES, PRACTISED_ONCE)),
        },
        tuple(Shown("", task.test[i].context, new[i], task.test[i].answer) for i in shown[:SHOWN]),
    )


def answers(model: GPT, tokenizer: Tokenizer, task: Task, items: Sequence[Item]) -> list[str]:
    """The most probable answer to each item, without examples."""
    prompts = _prompts(model, tokenizer, task, items)
    choices = [tuple(task.answer_prefix + one for one in item.choices) for item in items]
    asked = [Question(*one, task.after) for one in zip(prompts, choices, strict=True)]
    return greedy(model, tokenizer, asked)


def _right(items: Sequence[Item], said: Sequence[str]) -> Figure:
    right = sum(exact_match(item.answer, one) for item, one in zip(items, said, strict=True))
    return share(int(right), len(items))


def _tried(
    model: GPT, tokenizer: Tokenizer, task: Task, items: Sequence[Item], names: tuple[str, str]
) -> dict[str, Figure]:
    """The share of tries that are right, and of items of which at least one try is."""
    context = Context(tokenizer, model.config.block_size)
    prompts = [prompt_ids(tokenizer, one) for one in _prompts(model, tokenizer, task, items)]
    longest = max(
        context.longest_answer((task.answer_prefix + item.answer,), task.after) for item in items
    )
    stops = frozenset((*tokenizer.encode(task.after)[:1], tokenizer.separator))
    random = torch.Generator().manual_seed(SEED)
    right: list[list[float]] = []
    for start in range(0, len(items), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        drawn = tries(
            model, prompts[part], TRIES, longest + 2, stops, temperature=1.0, random=random
        )
        for item, written in zip(items[part], drawn, strict=True):
            texts = (answer_of(tokenizer, one, stops) for one in written)
            right.append([exact_match(item.answer, text) for text in texts])
    every = sum(map(sum, right)) / (TRIES * len(right))
    tried, once = names
    # The tries to one question are alike, so no interval over all tries is given.
    return {tried: number(every, len(items)), once: share(sum(map(any, right)), len(right))}


def _prompts(model: GPT, tokenizer: Tokenizer, task: Task, items: Sequence[Item]) -> list[str]:
    context = Context(tokenizer, model.config.block_size)
    return [context.few_shot_prompt(task, item, 0, 1).text for item in items]

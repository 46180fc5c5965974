"""Answers the questions of all experiments, by the module that has the experiment's name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tinylm.evaluation.context import Context
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.scoring import Question, greedy
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.experiments.registry import experiment
from tinylm.model.gpt import GPT
from tinylm.questions.experiments import Figure, Figures, Look, Measured
from tinylm.text.tokenizer import Tokenizer


def look(question: Look, home: Path) -> Measured:
    """The figures of an arm in the middle of its training. Raises NotFound."""
    return _measure(question, home)


def figures(question: Figures, home: Path) -> Measured:
    """The figures of an arm at the end of its training. Raises NotFound."""
    return _measure(question, home)


def share(right: int, n: int) -> Figure:
    """The share of `n` items that are right, with its Wilson interval."""
    return Figure(right / n if n else 0.0, *wilson(right, n), n)


def few_shot(
    model: GPT, tokenizer: Tokenizer, task: Task, items: Sequence[Item], shots: int
) -> tuple[list[str], list[str]]:
    """The prompt of each item after so many examples, and the most probable answer to it."""
    context = Context(tokenizer, model.config.block_size)
    prompts = [context.few_shot_prompt(task, item, shots, 1) for item in items]
    questions = [Question(one.text, one.choices, task.after) for one in prompts]
    return [one.text for one in prompts], greedy(model, tokenizer, questions)


def number(value: float, n: int) -> Figure:
    """A figure without an interval over items, measured on `n` of them."""
    return Figure(value, value, value, n)


def _measure(question: Look | Figures, home: Path) -> Measured:
    found = experiment(question.experiment)
    found.arm(question.arm)
    module = import_module(f"tinylm.answers.experiments.{found.name}")
    measured: Measured = module.measure(question, home)
    return measured

"""Answers the questions of all experiments, by the module that has the experiment's name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tinylm.evaluation.intervals import wilson
from tinylm.experiments.registry import experiment
from tinylm.questions.experiments import Figure, Figures, Look, Measured


def look(question: Look, home: Path) -> Measured:
    """The figures of an arm in the middle of its training. Raises NotFound."""
    return _measure(question, home)


def figures(question: Figures, home: Path) -> Measured:
    """The figures of an arm at the end of its training. Raises NotFound."""
    return _measure(question, home)


def share(right: int, n: int) -> Figure:
    """The share of `n` items that are right, with its Wilson interval."""
    return Figure(right / n if n else 0.0, *wilson(right, n), n)


def number(value: float, n: int) -> Figure:
    """A figure without an interval over items, measured on `n` of them."""
    return Figure(value, value, value, n)


def _measure(question: Look | Figures, home: Path) -> Measured:
    found = experiment(question.experiment)
    found.arm(question.arm)
    module = import_module(f"tinylm.answers.experiments.{found.name}")
    measured: Measured = module.measure(question, home)
    return measured

"""Questions of the experiments: the figures of one arm, on the way of its training and at its end.

What an experiment measures stands in `tinylm/answers/experiments/`, a module each.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

from tinylm.questions.base import Answer, Question


class Figure(Struct, frozen=True):
    """One measured figure with its 95 % interval over the items; a point where there is none."""

    value: float
    low: float
    high: float
    n: int  # items it was measured on


class Shown(Struct, frozen=True):
    """An answer to show: what was asked, what the model said, and what is right."""

    title: str
    prompt: str
    answer: str
    right: str


class Measured(Answer, frozen=True):
    """The figures of one arm, by their names in the experiment, and some answers to show."""

    figures: dict[str, Figure]
    shown: tuple[Shown, ...] = ()


class Look(Question[Measured], frozen=True, tag="experiment-look"):
    """What does an arm measure in the middle of its training? On some of the items, quickly."""

    solver: ClassVar[str] = "tinylm.answers.experiments.solver:look"
    lasting: ClassVar[bool] = True
    priority: ClassVar[int] = -1  # what a person waits for goes first
    experiment: str
    arm: str
    run: str
    step: int
    seed: int = 1


class Figures(Question[Measured], frozen=True, tag="experiment-figures"):
    """What does an arm measure at the end of its training? On all items."""

    solver: ClassVar[str] = "tinylm.answers.experiments.solver:figures"
    lasting: ClassVar[bool] = True
    queue: ClassVar[Literal["short", "long"]] = "long"
    experiment: str
    arm: str
    run: str
    step: int
    seed: int = 1

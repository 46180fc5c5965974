"""The guess that small runs allow about a larger one, asked before the larger one begins."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from tinylm.questions.base import Answer, Question


class SmallRun(Struct, frozen=True):
    """What a small run read, and how far its loss stayed above the true entropy in the end."""

    tokens: int
    excess: dict[str, float]  # nats per token, by kind of text


class Foretold(Answer, frozen=True):
    """The loss that is expected of a run, and the interval it should lie in; nats per token."""

    loss: float
    low: float
    high: float


class Foretell(Question[Foretold], frozen=True, tag="scale-foretell"):
    """What loss will a run end with that reads `tokens` tokens, by these small runs?

    `weights` are the tokens of each kind of text among those that are measured, `entropy` is the
    true entropy of all of them. `margin` is how far guesses were off in earlier repetitions at
    most, as a share of the truth: the interval reaches as far. `own` is what the learner guesses:
    it changes nothing in the answer, and stands in the store beside it.
    """

    solver: ClassVar[str] = "tinylm.answers.experiments.foretelling:answer"
    priority: ClassVar[int] = 1  # a person waits
    small: tuple[SmallRun, ...]
    weights: dict[str, int]
    entropy: float
    tokens: int
    own: float | None = None
    margin: float = 0.0

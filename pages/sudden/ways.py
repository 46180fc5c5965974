"""The way of each task from blind guessing to perfect, and how far the metrics lie apart on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tinylm.experiments.recording import Recording, Trial
from tinylm.experiments.sudden import (
    CHANCE,
    LENGTH,
    METRICS,
    RUN,
    TOKENS,
    Point,
    figure,
    points,
    reached,
)
from tinylm.questions.experiments import Measured

LAGS = 0.5  # of the way that single tokens have gone when whole answers have gone a tenth
WORD = 1.5  # tokens of an answer, on average, up to which it is one word


class Range(NamedTuple):
    """A number over the seeds."""

    mean: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.mean:.0%} ({self.lowest:.0%} to {self.highest:.0%})"


class Lag(NamedTuple):
    """How far the other two are when whole answers have gone a tenth of their way, over the seeds.

    All are None for a task at which whole answers never get so far with one of the seeds.
    """

    tokens: Range | None
    log: Range | None


def over(values: Sequence[float]) -> Range:
    """The mean, the lowest and the highest of some values; there is at least one."""
    return Range(math.fsum(values) / len(values), min(values), max(values))


def ways(recording: Recording, task: str) -> list[list[Point]]:
    """The way of a task with each seed."""
    return [way_of(_all_looks(trial), task) for trial in recording.of(RUN)]


def way_of(looks: Sequence[tuple[int, Measured]], task: str) -> list[Point]:
    """The way of a task from what was measured at each step."""
    figures = [(step, one.figures) for step, one in looks]
    return points(task, figures, CHANCE.get(task, 0.0))


def _all_looks(trial: Trial) -> list[tuple[int, Measured]]:
    looks = sorted(trial.looks.items())
    every = looks[0][0] if looks else 1
    return [*looks, ((looks[-1][0] if looks else 0) + every, trial.measured)]


def mean_way(found: Sequence[Sequence[Point]]) -> list[Point]:
    """The mean over the seeds at each step that all of them have."""
    return [
        Point(
            several[0].step,
            *(math.fsum(getattr(one, name) for one in several) / len(several) for name in METRICS),
        )
        for several in zip(*found, strict=True)
    ]


def lag(recording: Recording, task: str) -> Lag:
    """How far the finer metrics are when whole answers begin to be right."""
    found = [reached(way) for way in ways(recording, task)]
    there = [point for point in found if point is not None]
    if not there or len(there) < len(found):
        return Lag(None, None)
    return Lag(over([one.tokens for one in there]), over([one.log for one in there]))


def ahead(recording: Recording, task: str) -> list[int]:
    """How many updates earlier than a tenth of the whole answers half of the tokens are right.

    One number for each seed with which both come so far, the smallest first.
    """
    found = [(reached(way), reached(way, LAGS, TOKENS)) for way in ways(recording, task)]
    return sorted(whole.step - token.step for whole, token in found if whole and token)


def length(recording: Recording, task: str) -> float:
    """The tokens of an answer, on average."""
    return recording.of(RUN)[0].measured.figures[figure(task, LENGTH)].value


def one_word(recording: Recording, task: str) -> bool:
    """Whether nearly all answers are a single token, so that two of the metrics are the same."""
    return length(recording, task) < WORD

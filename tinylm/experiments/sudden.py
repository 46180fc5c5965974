"""Was it sudden? The same answers of the same checkpoints, counted in three ways.

All three go from 0, blind guessing, to 1, perfect answers. So their curves can lie in one picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tinylm.experiments.base import Arm, Experiment
from tinylm.questions.experiments import Figure

RUN = "run"
EXACT, TOKENS, LOG, BLIND, LENGTH = "exact", "tokens", "log", "blind", "length"
METRICS = {
    EXACT: "whole answers right",
    TOKENS: "single tokens right",
    LOG: "log-probability of the right answer",
}
# The tasks of the made world, and what they are called in a sentence.
TASKS = {
    "to_nuveli": "translation into Nuveli",
    "to_drazgok": "translation into Drazgok",
    "facts": "facts",
    "kinds": "kinds",
    "topics": "reviews by topic",
    "moods": "reviews by mood",
    "grammar": "grammatical pairs",
    "questions": "questions",
}
SHOTS = 4  # examples in each prompt
CHANCE = {"grammar": 0.5}  # exact match of blind guessing, where it is not 0
TENTH = 0.1
WINDOW = 90  # updates, a tenth of the training, in which the steepest rise is looked for


class Point(NamedTuple):
    """How far each metric is at a step: 0 is blind guessing, 1 is perfect."""

    step: int
    exact: float
    tokens: float
    log: float


def figure(task: str, metric: str) -> str:
    """The name of a figure."""
    return f"{task} {metric}"


def points(
    task: str, looks: Sequence[tuple[int, Mapping[str, Figure]]], chance: float = 0.0
) -> list[Point]:
    """The way of a task from its figures by step; `chance` is the exact match of blind guessing.

    An untrained model guesses blindly, so every way begins with 0 at step 0.
    """
    found = [Point(0, 0.0, 0.0, 0.0)]
    for step, figures in sorted(looks, key=lambda one: one[0]):
        if figure(task, EXACT) not in figures:
            continue
        exact, tokens, log, blind = (
            figures[figure(task, name)].value for name in (EXACT, TOKENS, LOG, BLIND)
        )
        found.append(Point(step, (exact - chance) / (1 - chance), tokens, 1 - log / blind))
    return found


def reached(way: Sequence[Point], share: float = TENTH, metric: str = EXACT) -> Point | None:
    """Where a metric comes this far for the first time; None if it never does.

    Between two looks, all metrics are taken to go in a straight line.
    """
    for before, after in pairwise(way):
        early, late = getattr(before, metric), getattr(after, metric)
        if early < share <= late:
            part = (share - early) / (late - early)
            between = (a + part * (b - a) for a, b in zip(before, after, strict=True))
            step, *values = between
            return Point(round(step), *values)
    return None


def steepest(way: Sequence[Point], metric: str, window: int = WINDOW) -> float:
    """The most that a metric gains within `window` updates; 0 for a way of one point."""
    return max(
        (
            getattr(late, metric) - getattr(early, metric)
            for early in way
            for late in way
            if 0 < late.step - early.step <= window
        ),
        default=0.0,
    )


EXPERIMENT = Experiment(
    name="sudden",
    title="Was it sudden?",
    question="Does an ability come all at once, or does it only look so?",
    arms=(Arm(RUN, "one run, looked at all the way"),),
    figures={
        figure(task, metric): f"{title}: {what}"
        for task, title in TASKS.items()
        for metric, what in {
            **METRICS,
            BLIND: "log-probability of a blind guess",
            LENGTH: "tokens of an answer",
        }.items()
    },
    preset="quick",
    looks=30,
    seeds=(1, 2, 3, 4, 5),
)

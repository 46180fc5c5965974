"""How often a fact was told, and how sure the model is of its answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tinylm.experiments.base import Arm, Experiment

ZIPF, UNTOLD = 1.4, 0.08
# How often a fact was told: from so many times to so many.
BINS: tuple[tuple[int, float], ...] = (
    (0, 0), (1, 1), (2, 3), (4, 7), (8, 15), (16, 31), (32, 63), (64, math.inf),
)  # fmt: skip
LEVELS = 10  # bins of confidence, all equally wide
SURE = 0.5  # the least confidence of an answer that counts as sure
INVENTED = 50  # names of countries that do not exist

NEVER = "never"
GUESSED = "never told, commonest answer"
GAP = "calibration error"
INVENTED_SURE = "invented, sure"
INVENTED_RELATIONS = ("continent", "language", "currency", "neighbour", "capital")


class Answered(NamedTuple):
    """The model's answer to one question."""

    told: int  # how often the text told the fact
    right: bool
    confidence: float  # the share of its answer among the relation's answers


def bin_name(which: int) -> str:
    """What a bin of BINS is called: "never", "1", "2-3", "64+"."""
    low, high = BINS[which]
    if high == 0:
        return NEVER
    if math.isinf(high):
        return f"{low}+"
    return f"{low}" if low == high else f"{low}-{high:.0f}"


def bin_of(told: int) -> int:
    """The bin of a fact that was told so often."""
    return next(i for i, (low, high) in enumerate(BINS) if low <= told <= high)


def right(which: int) -> str:
    """The name of the figure: accuracy on facts of a bin."""
    return f"right, told {bin_name(which)}"


def sure(which: int) -> str:
    """The name of the figure: mean confidence on facts of a bin."""
    return f"confidence, told {bin_name(which)}"


def level_right(level: int) -> str:
    """The name of the figure: accuracy where the confidence lies in this level."""
    return f"right, confidence {_level(level)}"


def level_sure(level: int) -> str:
    """The name of the figure: mean confidence in this level."""
    return f"mean confidence {_level(level)}"


def invented(relation: str) -> str:
    """The name of the figure: share of sure answers about countries that do not exist."""
    return f"{INVENTED_SURE}: {relation}"


def level_of(confidence: float) -> int:
    """The level of a confidence from 0 to 1."""
    return min(LEVELS - 1, int(confidence * LEVELS))


def calibration_error(answers: Sequence[Answered]) -> float:
    """Expected calibration error: the mean distance of confidence and accuracy, by level.

    Σ n_b / N · |mean confidence_b - accuracy_b| (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
    """
    sums = [0.0] * LEVELS
    for one in answers:
        sums[level_of(one.confidence)] += one.confidence - one.right
    return math.fsum(map(abs, sums)) / len(answers) if answers else 0.0


def _level(level: int) -> str:
    return f"{level / LEVELS:.0%} to {(level + 1) / LEVELS:.0%}"


_PLACES = range(len(BINS))

EXPERIMENT = Experiment(
    name="often",
    title="How often, how sure",
    question="How often must a text tell a fact until the model knows it, and is sure of it?",
    arms=(Arm("uneven", "some things told often", {"zipf": ZIPF, "untold": UNTOLD}),),
    figures={
        **{right(i): f"facts told {bin_name(i)} times, answered right" for i in _PLACES},
        **{sure(i): f"facts told {bin_name(i)} times, mean confidence" for i in _PLACES},
        **{level_right(i): f"right where the confidence is {_level(i)}" for i in range(LEVELS)},
        **{level_sure(i): f"mean confidence where it is {_level(i)}" for i in range(LEVELS)},
        GUESSED: "facts never told, by always giving the relation's commonest answer",
        GAP: "expected calibration error, over ten levels of confidence",
        INVENTED_SURE: "sure answers about countries that do not exist",
        **{invented(one): f"the same, asked for the {one}" for one in INVENTED_RELATIONS},
    },
)

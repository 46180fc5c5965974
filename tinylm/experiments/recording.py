"""What an experiment measured when it was recorded, and what follows over its seeds.

`python -m benchmarks.record_experiments NAME` makes a recording anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from tinylm.codec import decode
from tinylm.questions.experiments import Figure, Measured
from tinylm.recorded import FOLDER

PLACE = FOLDER / "experiments"


class Trial(Struct, frozen=True):
    """One arm with one seed."""

    arm: str
    seed: int
    measured: Measured
    looks: dict[int, Measured] = {}  # by step, in the middle of the training
    train_loss: float | None = None  # of the last update, nats per token
    val_loss: float | None = None  # of the last validation, nats per token
    tokens: int = 0  # read in training


class Recording(Struct, frozen=True):
    """All trials of an experiment, as they went once on one machine."""

    experiment: str
    date: str  # YYYY-MM-DD
    machine: str
    commit: str
    preset: str
    trials: tuple[Trial, ...]
    # By arm: to train and measure it once, by the clock, where nothing else ran.
    seconds: dict[str, float] = {}

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(sorted({one.seed for one in self.trials}))

    def of(self, arm: str) -> list[Trial]:
        """The trials of an arm, in the order of seeds."""
        return sorted((one for one in self.trials if one.arm == arm), key=lambda one: one.seed)

    def over(self, arm: str, figure: str) -> Over | None:
        """A figure of an arm over the seeds; None where it was not measured."""
        return (
            over(one.measured.figures for one in self.of(arm))[figure]
            if (any(figure in one.measured.figures for one in self.of(arm)))
            else None
        )

    @property
    def in_words(self) -> str:
        """Where the figures come from."""
        seeds = ", ".join(map(str, self.seeds))
        return f"recorded on {self.date}, seeds {seeds}, {self.machine}"


class Over(NamedTuple):
    """A figure over several seeds."""

    mean: float
    lowest: float
    highest: float
    seeds: int
    n: int  # items of each seed


def over(found: Iterable[Mapping[str, Figure]]) -> dict[str, Over]:
    """Mean, lowest and highest of each figure over the seeds that have it."""
    by_name: dict[str, list[Figure]] = {}
    for figures in found:
        for name, figure in figures.items():
            by_name.setdefault(name, []).append(figure)
    return {name: over_seeds(figures) for name, figures in by_name.items()}


def over_seeds(figures: list[Figure]) -> Over:
    """One figure over the seeds; there is at least one."""
    values = [one.value for one in figures]
    mean = math.fsum(values) / len(values)
    return Over(mean, min(values), max(values), len(values), figures[0].n)


@lru_cache(maxsize=64)
def recording(name: str) -> Recording | None:
    """The recording of an experiment; None if it was never recorded."""
    path = PLACE / f"{name}.json"
    if not path.exists():
        return None
    return decode(path.read_text(encoding="utf-8"), Recording)

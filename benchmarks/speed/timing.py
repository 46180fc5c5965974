"""Times that can be compared on a noisy machine, because they are measured in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """The seconds that the same work took in each round."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Time each work once per round, one after another, so that noise affects all of them alike.

    Each work is first done once without timing, because the first time is slower.
    """
    for work in works.values():
        work()
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            found[name].append(seconds(work))
    return {name: Times(tuple(values)) for name, values in found.items()}


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ratio(ours: Times, theirs: Times) -> float:
    """How many times faster ours is: the median over rounds of theirs / ours."""
    pairs = zip(ours.seconds, theirs.seconds, strict=True)
    return statistics.median(theirs / ours for ours, theirs in pairs)

"""How long what waits will wait, from what has trained here, and what a class of runs needs.

All of it is about: a place in line is what would come out if nobody asked for anything more.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tinylm.config import RunConfig
from tinylm.memory import num_parameters

RECENT = 9  # runs of one kind whose speeds say how long the next one takes
ALIKE = 3.0  # times as large, or as small, is a run of about the same size
LONG_QUESTION = 5.0  # seconds that a long question is taken to need: most are through in that time


@dataclass(frozen=True)
class Waiter:
    """What waits for a place, in the order of `urgency` and then of time."""

    item: str
    owner: str
    seconds: float | None  # that it will take; None where that is not known
    turn: float = 0  # when its owner was served last; 0: never
    urgency: int = 0  # higher comes first, among what one learner asked for
    time: float = 0.0  # when it was asked for


@dataclass(frozen=True)
class Going:
    """What goes on: whose it is, and the seconds that are left, as far as they are known."""

    owner: str
    left: float | None
    in_place: bool = True  # whether it holds a place; a run of the terminal holds none


@dataclass(frozen=True)
class Place:
    """A place in line."""

    number: int  # 1: it comes next
    seconds: float | None  # until it begins; None where that is not known
    paused: bool = False  # nothing begins, because the teacher has paused the class


def places(
    waiting: Iterable[Waiter], going: Sequence[Going], slots: int, many: bool
) -> dict[str, Place]:
    """When each of those that wait will begin: they are let through as the store does it.

    With `many` learners, one thing of each goes on at a time, and whoever was served longest ago
    comes first. Without a worker, nobody knows when anything begins.
    """
    known, slots = slots > 0, max(1, slots)
    left = sorted(waiting, key=lambda one: (-one.urgency, one.time, one.item))
    turns = {one.owner: one.turn if many else 0.0 for one in left}
    last = max(turns.values(), default=0.0)
    busy = [one.owner for one in going] if many else []
    ends = [(_or_never(one.left), n, one.owner, one.in_place) for n, one in enumerate(going)]
    heapq.heapify(ends)
    free = max(0, slots - sum(one.in_place for one in going))
    now, found = 0.0, dict[str, Place]()
    while left:
        ready = [one for one in left if one.owner not in busy] if free else []
        if not ready:
            ended, _, owner, in_place = heapq.heappop(ends)
            now = max(now, ended)
            free += in_place
            if many:
                busy.remove(owner)
            continue
        one = min(ready, key=lambda one: turns[one.owner])
        left.remove(one)
        found[one.item] = Place(len(found) + 1, now if known and math.isfinite(now) else None)
        end = now + _or_never(one.seconds)
        heapq.heappush(ends, (end, len(going) + len(found), one.owner, True))
        free -= 1
        if many:
            busy.append(one.owner)
            last += 1
            turns[one.owner] = last
    return found


def _or_never(seconds: float | None) -> float:
    return math.inf if seconds is None else max(0.0, seconds)


def work(config: RunConfig) -> float:
    """The size of a run: its tokens, times the weights that each of them passes."""
    return config.train.steps * config.tokens_per_step * num_parameters(config.model)


@dataclass(frozen=True)
class Ran:
    """A run that has ended, or goes on, and what it takes in all at its speed."""

    config: RunConfig
    seconds: float


class Pace:
    """How fast runs go here, from those that ended last and those that go on."""

    def __init__(self, ran: Iterable[Ran]) -> None:
        self._ran: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for one in ran:
            mine = self._ran.setdefault((one.config.kind, one.config.method), [])
            mine.append((work(one.config), one.seconds))

    def seconds(self, config: RunConfig) -> float | None:
        """About how long a run takes from its beginning; None where none of its kind ran here.

        Those of about its size say it, where there are any: each run takes some seconds to be
        prepared, which are most of a short one.
        """
        mine, size = self._ran.get((config.kind, config.method), []), work(config)
        near = [one for one in mine if size / ALIKE <= one[0] <= size * ALIKE] or mine
        return median(size * took / of for of, took in near[:RECENT]) if near else None


def class_minutes(learners: int, seconds: float, slots: int) -> float:
    """Minutes until the last of so many learners is done, who all start such a run at once."""
    return math.ceil(learners / max(1, slots)) * seconds / 60

"""The part of the service that knows the line: who waits, for how long, and how many may."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import msgspec

from tinylm.errors import BadRequest
from tinylm.process import usable_cores
from tinylm.questions.registry import PRIORITIES
from tinylm.runs.budget import FIXED_NOTE, MEASURED_ON, SECONDS_NOTE, Budget, budget_for
from tinylm.runs.forecast import LONG_QUESTION, Going, Pace, Place, Ran, Waiter, places
from tinylm.runs.service.reading import Reading
from tinylm.runs.store.history import Recent
from tinylm.runs.store.line import Standing
from tinylm.runs.store.rows import RunRow, remaining_seconds
from tinylm.runs.work.supervisor import long_slots

MAX_QUEUED = 20  # runs that may wait at once, where one person has the computer
OF_LEARNER = 4  # runs of one learner that may wait at once, in a class
OF_CLASS = 120  # and of all: thirty times as many
SHARED = 0.5  # seconds for which all who look at the line share one reading


class Waiting(Reading):
    """Says when a run will begin, and refuses what would make the line too long."""

    _lines: Recent[tuple[float, dict[str, Place]]]

    def place(self, run_id: str) -> Place | None:
        """The place in line of a run; None for one that does not wait."""
        now = time.monotonic()
        kept = self._lines.get("")
        if kept is None or now - kept[0] > SHARED:
            kept = now, self._line()
            self._lines.put("", kept)
        return kept[1].get(run_id)

    def slots(self) -> int:
        """How many runs go on at a time, with the workers that are alive."""
        return sum(worker.queue in ("long", "both") for worker in self.workers())

    def budget(self) -> Budget | None:
        """What the time is enough for that each run of this class may take; None where none is set.

        Once a few runs have shown the speed, the number stays, so that a class's models are alike.
        """
        seconds = self.store.note(SECONDS_NOTE)
        if self.viewer.alone or not isinstance(seconds, int | float) or seconds <= 0:
            return None
        with suppress(msgspec.ValidationError):
            kept = msgspec.convert(self.store.note(FIXED_NOTE), Budget)
            if kept.seconds == seconds:
                return kept
        ended = self.store.standing().ended
        found = budget_for(float(seconds), ended, self.slots() or long_slots(), usable_cores())
        if found.runs >= MEASURED_ON:
            self.store.set_note(FIXED_NOTE, msgspec.to_builtins(found))
        return found

    # Inside

    def _line(self) -> dict[str, Place]:
        there = self.store.standing()
        workers = {one.id for one in self.workers() if one.queue in ("long", "both")}
        pace = pace_of(there)
        going = [
            Going(run.owner, _left(run, pace), worker in workers) for run, worker in there.running
        ]
        going += [Going(owner, LONG_QUESTION, True) for owner, _ in there.computing]
        waiting = [
            Waiter(
                *(run.id, run.owner, _rest(run, pace.seconds(run.config))),
                turn=there.turns.get(run.owner, 0),
                time=there.since[run.id],
            )
            for run in there.queued
        ]
        waiting += [
            Waiter(
                *(job, owner, LONG_QUESTION),
                turn=there.turns.get(owner, 0),
                urgency=PRIORITIES.get(kind, 0),
                time=asked,
            )
            for job, owner, kind, asked in there.asked
        ]
        found = places(waiting, going, len(workers), there.many)
        if there.paused:
            return {item: replace(at, seconds=None, paused=True) for item, at in found.items()}
        return found

    def _check_room(self, mine: int, everybodys: int, number: int = 1) -> None:
        """Raise BadRequest where so many waiting runs, `number` of them new, are too many."""
        if self.viewer.alone:
            if everybodys > MAX_QUEUED:
                raise BadRequest(
                    f"{MAX_QUEUED} runs are waiting already: let some finish, or open one from "
                    "the Runs page, and stop it."
                )
            return
        if not self.viewer.teacher and mine > OF_LEARNER:
            raise BadRequest(
                f"A learner may have {OF_LEARNER} waiting runs, and you have {mine - number}: let "
                "one begin, or open one from the Runs page, and stop it."
            )
        if everybodys > OF_CLASS:
            raise BadRequest(
                f"The class may have {OF_CLASS} waiting runs, and has as many: wait until some "
                "have begun, then try again."
            )


def pace_of(there: Standing) -> Pace:
    """How fast runs go: those that go on come first, since they know the load of now."""
    now = [
        Ran(run.config, run.seconds + left)
        for run, _ in there.running
        if (left := remaining_seconds(run)) is not None
    ]
    return Pace([*now, *(Ran(run.config, run.seconds) for run in there.ended if run.step)])


def _left(run: RunRow, pace: Pace) -> float | None:
    """Seconds until a run ends that goes on."""
    left = remaining_seconds(run)
    if left is None and run.status != "holding" and (whole := pace.seconds(run.config)):
        left = max(0.0, whole - run.seconds)  # it is being prepared
    return left


def _rest(run: RunRow, whole: float | None) -> float | None:
    """Seconds that a waiting run will take: less for one that has done some of its steps."""
    return None if whole is None else whole * (1 - run.progress)

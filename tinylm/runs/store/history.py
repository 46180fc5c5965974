"""What happened in a run: its events, and its steps as a curve."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from tinylm.codec import encode
from tinylm.errors import BadRequest, StorageError
from tinylm.events import (
    CheckpointSaved,
    CurvePoint,
    EvalDone,
    Event,
    LearningRateChanged,
    NextTokenOdds,
    NextWordOdds,
    Preparing,
    Probed,
    Rewarded,
    RunEnded,
    RunStarted,
    Sampled,
    StepDone,
    event_type,
    read_event,
)
from tinylm.runs.store.database import Database, finite
from tinylm.runs.store.rows import Claim, check_run_id
from tinylm.runs.store.tables import events, runs, steps

_MEASURED = ("loss", "lr", "grad_norm", "tokens_per_sec")
_SHOWN = (EvalDone, Sampled, NextTokenOdds, NextWordOdds, Probed, LearningRateChanged, Rewarded)
# Events that are removed where a run resumes from an earlier step
_UNDONE: tuple[type[Event], ...] = (*_SHOWN, CheckpointSaved)
_STARTED, _SAVED = event_type(RunStarted), event_type(CheckpointSaved)

log = logging.getLogger("tinylm.store")

E = TypeVar("E", bound=Event)
V = TypeVar("V")
KEPT = 64  # how many values `Recent` keeps for later readers


@dataclass(frozen=True)
class Told:
    """The events of a run that a page shows, apart from its steps, in the order of steps."""

    evals: tuple[EvalDone, ...] = ()  # the newest at each step
    samples: tuple[Sampled, ...] = ()  # the newest at each step
    film: tuple[NextTokenOdds, ...] = ()  # the newest at each step
    words: tuple[NextWordOdds, ...] = ()  # the newest at each step; none in runs of old versions
    probes: tuple[Probed, ...] = ()  # the newest for each step and name
    lr_factors: tuple[LearningRateChanged, ...] = ()
    rewards: tuple[Rewarded, ...] = ()  # of each update, where the run learns from rewards
    started: RunStarted | None = None  # the newest one
    damaged: int = 0  # stored events that cannot be read


@dataclass(frozen=True)
class _Curve:
    """A curve as it was when it was last read."""

    starts: int  # how often the run had been started by then: a resume may remove steps
    last: int  # its last step
    width: int  # number of steps in a bucket
    points: tuple[CurvePoint, ...]

    def finished(self, starts: int, width: int) -> list[CurvePoint]:
        """The points of full buckets, which do not change while the run goes on."""
        if (self.starts, self.width) != (starts, width):
            return []
        full = self.last // width * width
        return [point for point in self.points if point.step <= full]


class Recent(Generic[V]):
    """The last `size` values that were put here, by key. Thread-safe."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: dict[Hashable, V] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Hashable, value: V) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = value
            if len(self._kept) > self._size:
                del self._kept[next(iter(self._kept))]

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


class LostClaim(Exception):
    """The run was given to another worker, or removed: nothing was written."""


class History:
    """The part of the store that holds events and steps."""

    _db: Database
    _clock: Callable[[], float]
    _ticks: Callable[[], float]

    def add_events(
        self,
        run_id: str,
        new: Sequence[Event],
        claim: Claim | None = None,
        *,
        durable: bool = False,
    ) -> None:
        """Store events in order, all or none. Raises LostClaim where `claim` no longer holds.

        A RunStarted first removes what was stored for steps after the one it continues from.
        """
        with self._db.write(durable=durable) as connection:
            self._check_claim(connection, run_id, claim)
            batch: list[StepDone] = []
            for item in new:
                if isinstance(item, StepDone):
                    batch.append(item)
                    continue
                _insert_steps(connection, run_id, batch)
                batch = []
                if isinstance(item, RunStarted):
                    _forget_beyond(connection, run_id, item.step)
                self._insert_event(connection, run_id, item)
            _insert_steps(connection, run_id, batch)
            self._update_run(connection, run_id, new, claim)

    def events(self, run_id: str, kinds: Iterable[type[Event]]) -> list[Event]:
        """The events of these kinds, in the order in which they were stored, but no StepDone."""
        return _readable(self._db.column(self._stored(run_id, kinds)))

    def _stored(self, run_id: str, kinds: Iterable[type[Event]]) -> Select[str]:
        mine = (events.c.run_id == check_run_id(run_id), events.c.type.in_(map(event_type, kinds)))
        return select(events.c.payload).where(*mine).order_by(events.c.seq)

    def told(self, run_id: str) -> Told:
        """All events that a page shows of a run, apart from its steps.

        This costs only one short query if nothing has changed since anybody last asked.
        """
        check_run_id(run_id)
        # Events are only ever added, in the order of `seq`, until a run starts again from
        # further back; these two numbers therefore change whenever any event does.
        query = select(
            func.max(events.c.seq), func.count().filter(events.c.type == _STARTED)
        ).where(events.c.run_id == run_id)
        with self._db.read() as connection:
            newest, starts = connection.execute(query).one()
        kept = self._told.get(run_id)
        if kept is not None and kept[0] == (newest, starts):
            return kept[1]
        stored = self._db.column(self._stored(run_id, (*_SHOWN, RunStarted)))
        found = _readable(stored)
        told = Told(
            evals=_one_a_step(found, EvalDone),
            samples=_one_a_step(found, Sampled),
            film=_one_a_step(found, NextTokenOdds),
            words=_one_a_step(found, NextWordOdds),
            probes=_one_a_step(found, Probed, lambda probe: probe.name),
            rewards=_one_a_step(found, Rewarded),
            lr_factors=tuple(e for e in found if isinstance(e, LearningRateChanged)),
            started=next((e for e in reversed(found) if isinstance(e, RunStarted)), None),
            damaged=len(stored) - len(found),
        )
        self._told.put(run_id, ((newest, starts), told))
        return told

    @cached_property
    def _told(self) -> Recent[tuple[tuple[int | None, int], Told]]:
        return Recent()

    @cached_property
    def _curves(self) -> Recent[_Curve]:
        return Recent()

    def latest(self, run_id: str, *kinds: type[E]) -> E | None:
        """The newest event of these kinds; None where there is none."""
        query = (
            select(events.c.payload)
            .where(
                events.c.run_id == check_run_id(run_id),
                events.c.type.in_(map(event_type, kinds)),
            )
            .order_by(events.c.seq.desc())
            .limit(1)
        )
        text = self._db.value(query)
        found = _readable([] if text is None else [text])
        return found[0] if found and isinstance(found[0], kinds) else None

    def stage(self, run_id: str) -> str:
        """What the run is preparing at the moment, in words; "" once the training has begun."""
        newest: Event | None = self.latest(run_id, Preparing, RunStarted, RunEnded)
        return newest.stage if isinstance(newest, Preparing) else ""

    def checkpoints(self, run_id: str) -> list[int]:
        """The steps at which checkpoints were saved, in ascending order."""
        query = (
            select(events.c.step)
            .where(events.c.run_id == check_run_id(run_id), events.c.type == _SAVED)
            .distinct()
            .order_by(events.c.step)
        )
        return self._db.column(query)

    def curve(self, run_id: str, max_points: int = 300) -> tuple[CurvePoint, ...]:
        """At most `max_points` points, each the means over one bucket of equally many steps.

        A point stands at the last step of its bucket. The width of a bucket doubles as the run
        grows; between two doublings, the points of full buckets stay as they are. These are
        read once and then shared by all readers.
        """
        mine = steps.c.run_id == check_run_id(run_id)
        started = (events.c.run_id == run_id, events.c.type == _STARTED)
        with self._db.read() as connection:  # on SQLite, one view for all queries
            last = connection.scalar(select(func.max(steps.c.step)).where(mine))
            if last is None:
                return ()
            if not isinstance(last, int):
                raise StorageError("The curve of this run is damaged in the database: train anew.")
            starts = connection.scalar(select(func.count()).where(*started)) or 0
            kept = self._curves.get((run_id, max_points))
            if kept is not None and (kept.starts, kept.last) == (starts, last):
                return kept.points
            width = 1
            while -(-last // width) > max(1, max_points):
                width *= 2
            found = kept.finished(starts, width) if kept is not None else []
            read = found[-1].step if found else 0
            bucket = (steps.c.step - 1) // width
            query = (
                select(
                    func.max(steps.c.step).label("step"),
                    func.max(steps.c.tokens_seen).label("tokens_seen"),
                    func.count().label("stored"),
                    *(func.avg(steps.c[name]).label(name) for name in _MEASURED),
                )
                .where(mine, steps.c.step > read)
                .group_by(bucket)
                .order_by(func.max(steps.c.step))
            )
            for row in connection.execute(query):
                loss, lr, norm, speed = (math.nan if value is None else value for value in row[3:])
                missing = row.step - (found[-1].step if found else 0) - row.stored
                found.append(CurvePoint(row.step, row.tokens_seen, loss, lr, norm, speed, missing))
        points = tuple(found)
        self._curves.put((run_id, max_points), _Curve(starts, last, width, points))
        return points

    def _check_claim(self, connection: Connection, run_id: str, claim: Claim | None) -> None:
        if claim is None:
            return
        seconds = claim.seconds_before + self._ticks() - claim.taken
        kept = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.claim == claim.token)
            .values(beats=runs.c.beats + 1, seconds=seconds)
        ).rowcount
        if not kept:
            raise LostClaim(run_id)

    def _insert_event(self, connection: Connection, run_id: str, item: Event) -> None:
        connection.execute(
            insert(events).values(
                run_id=run_id,
                type=item.type,
                step=item.step,
                time=self._clock(),
                payload=encode(item),
            )
        )

    def _update_run(
        self,
        connection: Connection,
        run_id: str,
        new: Sequence[Event],
        claim: Claim | None,
    ) -> None:
        """Copy the figures that lists of runs show into the row of the run."""
        changed: dict[str, Any] = {}
        for item in new:
            if isinstance(item, RunStarted):
                changed |= {
                    "step": item.step,
                    "num_steps": item.num_steps,
                    "tokens_seen": item.step * item.tokens_per_step,
                    "tokens_per_sec": 0.0,
                }
            elif isinstance(item, StepDone):
                changed |= {
                    "step": item.step,
                    "tokens_seen": item.tokens_seen,
                    "tokens_per_sec": finite(item.tokens_per_sec) or 0.0,
                    "last_loss": finite(item.loss),
                }
            elif isinstance(item, EvalDone):
                changed["last_val"] = finite(item.loss)
        if changed:
            connection.execute(update(runs).where(runs.c.id == run_id).values(changed))


def _readable(texts: Iterable[str]) -> list[Event]:
    """The events of these stored texts, without those that are damaged."""
    found: list[Event] = []
    for text in texts:
        try:
            found.append(read_event(text))
        except BadRequest as problem:
            log.warning("a stored event is left out: %s", problem)
    return found


def _one_a_step(
    found: Iterable[Event], kind: type[E], also: Callable[[E], str] = lambda event: ""
) -> tuple[E, ...]:
    """The newest event of a kind for each step (and each value of `also`), in order of steps.

    `found` is in the order in which the events were stored.
    """
    newest = {(event.step, also(event)): event for event in found if isinstance(event, kind)}
    return tuple(sorted(newest.values(), key=lambda event: event.step))


def _insert_steps(connection: Connection, run_id: str, batch: Sequence[StepDone]) -> None:
    if not batch:
        return
    # First delete, then insert: every database understands this replacement of rows.
    first, last = min(s.step for s in batch), max(s.step for s in batch)
    connection.execute(
        delete(steps).where(steps.c.run_id == run_id, steps.c.step.between(first, last))
    )
    connection.execute(
        insert(steps),
        [
            {"run_id": run_id, "step": s.step, "tokens_seen": s.tokens_seen}
            | {name: finite(getattr(s, name)) for name in _MEASURED}
            for s in batch
        ],
    )


def _forget_beyond(connection: Connection, run_id: str, step: int) -> None:
    connection.execute(delete(steps).where(steps.c.run_id == run_id, steps.c.step > step))
    # A run that begins anew (step 0) measures its untrained model again, so step 0 goes too.
    beyond = events.c.step > (step if step else -1)
    undone = events.c.type.in_(map(event_type, _UNDONE))
    connection.execute(delete(events).where(events.c.run_id == run_id, undone, beyond))

"""Runs in the store, from queued to done; each change of status is one conditional update.

    queued -> running -> done | failed | paused | stopped | interrupted
    paused | interrupted | stopped | failed -> queued again

If two people ask for the same change, or one clicks twice, the second update finds its condition
no longer true and changes nothing. `interrupted` is mostly derived and not stored: the stored
status is running, but the worker gives no sign of life any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from tinylm.codec import encode
from tinylm.config import RunConfig
from tinylm.runs.store.database import Database
from tinylm.runs.store.rows import (
    ACTIVE,
    RESUMABLE,
    Claim,
    Command,
    RunRow,
    Status,
    check_run_id,
    clean_title,
    new_run_id,
    no_such_run,
    read_run,
)
from tinylm.runs.store.tables import dials, events, jobs, runs, steps
from tinylm.runs.store.watch import Watch

OF_ANY = "*"  # in place of the name of an experiment: of any

# Is told how many runs of an owner and of all would then wait, and raises where they are too many.
Room = Callable[[int, int], None]

ROW_COLUMNS = [
    column
    for column in runs.c
    if column.name in {"worker", "hold_at", *RunRow.__dataclass_fields__}
]
_SHOWN_WISH: dict[Command, Status] = {"run": "running", "pause": "pausing", "stop": "stopping"}


class RunStore:
    """The part of the store that holds runs."""

    _db: Database
    _clock: Callable[[], float]
    _ticks: Callable[[], float]
    _watch: Watch

    # Make, list, name, delete

    def create_run(self, config: RunConfig, title: str = "", owner: str = "") -> str:
        """Store a new run with status queued; returns its id."""
        return self.create_runs([(config, title)], owner)[0]

    def create_runs(
        self, wanted: Sequence[tuple[RunConfig, str]], owner: str = "", room: Room | None = None
    ) -> list[str]:
        """Store new runs, settings and titles, with status queued; returns their ids.

        Either all are stored, or none: where `room` raises.
        """
        with self._db.write() as connection:
            found = [
                self._insert(connection, config, title, owner, status="queued")
                for config, title in wanted
            ]
            _check_room(connection, owner, room)
        return found

    def create_claimed(
        self, config: RunConfig, title: str, owner: str, worker: str, wish: Command = "run"
    ) -> Claim:
        """Store a new run that `worker` has claimed from the start; no other can take it.

        With the wish to pause, nobody takes it over if that worker dies.
        """
        now, claim = self._clock(), secrets.token_hex(8)
        state = {"status": "running", "started": now, "wish": wish}
        taken = state | {"worker": worker, "claim": claim}
        with self._db.write() as connection:
            run_id = self._insert(connection, config, title, owner, **taken)
        return Claim(run_id, claim, config, self._ticks(), 0.0)

    def run(self, run_id: str) -> RunRow:
        """The run as it is now. Raises NotFound for an unknown, malformed or deleted id."""
        check_run_id(run_id)
        with self._db.read() as connection:
            row = connection.execute(
                select(*ROW_COLUMNS).where(runs.c.id == run_id, runs.c.deleted == 0)
            ).one_or_none()
        if row is None:
            raise no_such_run(run_id)
        return self._row(row._asdict())

    def runs(
        self,
        kind: str | None = None,
        limit: int = 200,
        experiment: str | None = "",
        owners: Collection[str] | None = None,
    ) -> list[RunRow]:
        """Runs, newest first; `kind` is pretrain, finetune or None for both.

        `experiment` is the name of one, whose runs are wanted, "" for runs that belong to none,
        OF_ANY for those that belong to one, or None for all runs. `owners` are learners, and "" is
        the whole class; None: all of them.
        """
        query = select(*ROW_COLUMNS).where(runs.c.deleted == 0)
        if experiment == OF_ANY:
            query = query.where(runs.c.experiment != "")
        elif experiment is not None:
            mine = runs.c.experiment.startswith(f"{experiment}/", autoescape=True)
            query = query.where(mine if experiment else runs.c.experiment == "")
        if kind is not None:
            query = query.where(runs.c.kind == kind)
        if owners is not None:
            query = query.where(runs.c.owner.in_(owners))
        query = query.order_by(runs.c.created.desc(), runs.c.id).limit(limit)
        with self._db.read() as connection:
            return [self._row(row._asdict()) for row in connection.execute(query)]

    def active_or_newest(self, kind: str, limit: int) -> list[RunRow]:
        """All active runs, and the newest of this kind that belong to no experiment; newest first.

        A row does not say that its worker has died: some of them are not active any more.
        """
        there = runs.c.deleted == 0
        newest = (
            select(runs.c.id)
            .where(there, runs.c.kind == kind, runs.c.experiment == "")
            .order_by(runs.c.created.desc(), runs.c.id)
            .limit(limit)
        )
        either = or_(runs.c.status.in_(ACTIVE), runs.c.id.in_(newest))
        query = select(*ROW_COLUMNS).where(there, either)
        with self._db.read() as connection:
            found = connection.execute(query.order_by(runs.c.created.desc(), runs.c.id))
            return [self._row(row._asdict()) for row in found]

    def rename(self, run_id: str, title: str) -> None:
        """Give the run another title; an empty one restores the title made from its settings."""
        title = clean_title(title, self.run(run_id).config)
        self._db.change(update(runs).where(runs.c.id == run_id).values(title=title))

    def hand_run(self, run_id: str, owner: str, heir: str) -> bool:
        """Give a run of this owner to another; returns whether it was the owner's."""
        mine = (runs.c.id == run_id, runs.c.owner == owner, runs.c.deleted == 0)
        return bool(self._db.change(update(runs).where(*mine).values(owner=heir)))

    def delete_run(self, run_id: str) -> bool:
        """Mark the run as deleted, so that no list shows it. Raises NotFound.

        Returns True where its files and rows may be removed now. False means that a worker still
        writes to the run; that worker stops and then removes it.
        """
        check_run_id(run_id)
        mine = runs.c.id == run_id
        with self._db.write() as connection:
            found = connection.execute(
                update(runs)
                .where(mine, runs.c.deleted == 0)
                .values(deleted=1, wish="stop", hold_at=None)
            ).rowcount
            if not found:
                raise no_such_run(run_id)
            connection.execute(
                update(runs).where(mine, runs.c.status == "queued").values(status="stopped")
            )
            row = connection.execute(select(*ROW_COLUMNS).where(mine)).one()
        return not self._row(row._asdict()).active

    def deleted_at_rest(self) -> list[str]:
        """Ids of deleted runs to which no worker writes any more."""
        query = select(*ROW_COLUMNS).where(runs.c.deleted == 1)
        with self._db.read() as connection:
            rows = [self._row(row._asdict()) for row in connection.execute(query)]
        return [row.id for row in rows if not row.active]

    def undisturbed(self) -> list[str]:
        """Ids of all runs that are there and to which no worker writes at the moment."""
        query = select(*ROW_COLUMNS).where(runs.c.deleted == 0)
        with self._db.read() as connection:
            rows = [self._row(row._asdict()) for row in connection.execute(query)]
        return [row.id for row in rows if not row.active or row.status == "queued"]

    def forget_run(self, run_id: str) -> None:
        """Remove all rows of a deleted run."""
        with self._db.write() as connection:
            gone = connection.execute(
                delete(runs).where(runs.c.id == run_id, runs.c.deleted == 1)
            ).rowcount
            if gone:
                for table in (events, steps, jobs, dials):
                    connection.execute(delete(table).where(table.c.run_id == run_id))

    # The queue

    def count_queued(self, owner: str | None = None) -> int:
        """How many runs wait: those of one owner, or of all."""
        return self._db.value(_number_waiting(owner)) or 0

    def queued_runs(self) -> list[str]:
        """Ids of waiting runs, those that have waited longest first."""
        query = select(runs.c.id).where(*waiting()).order_by(runs.c.queued, runs.c.id)
        return self._db.column(query)

    # Wishes

    def wish(self, run_id: str, wish: Command, room: Room | None = None) -> bool:
        """Ask the run to pause, to stop or to go on; returns whether it must now be queued.

        A wish that makes no sense in the run's present state changes nothing, nor does one to go
        on where `room` raises. Raises NotFound.
        """
        row = self.run(run_id)
        silent_at = row.beats if row.status == "interrupted" else None
        with self._db.write() as connection:
            if wish == "run":
                return self._resume(connection, row, silent_at, room)
            self._halt(connection, run_id, wish, silent_at)
            return False

    def _resume(
        self, connection: Connection, row: RunRow, silent_at: int | None, room: Room | None
    ) -> bool:
        now, run_id = self._clock(), row.id
        resting = _rests(RESUMABLE, silent_at)
        queued = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.deleted == 0, resting)
            .values(status="queued", wish="run", hold_at=None, queued=now)
            .values(error="", worker="", claim="")
        ).rowcount
        if queued:
            _check_room(connection, row.owner, room)
        else:  # a pause or stop that has not happened yet is taken back
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id, runs.c.deleted == 0)
                .values(wish="run", hold_at=None)
            )
        return bool(queued)

    def _halt(
        self, connection: Connection, run_id: str, wish: Command, silent_at: int | None
    ) -> None:
        at_once = ["queued"] if wish == "pause" else ["queued", "paused", "interrupted"]
        resting = _rests(at_once, silent_at if wish == "stop" else None)
        status = "paused" if wish == "pause" else "stopped"
        moved = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, resting)
            .values(status=status, ended=self._clock(), worker="", claim="")
        ).rowcount
        if not moved:
            weaker = ("run",) if wish == "pause" else ("run", "pause")
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id, runs.c.status == "running", runs.c.wish.in_(weaker))
                .values(wish=wish, hold_at=None)
            )

    def single_step(self, run_id: str, room: Room | None = None) -> bool:
        """Ask for one more update, after which the run holds; returns whether it must be queued.

        A run at rest goes back to status queued first; a run that is done does not change, nor
        does any where `room` raises. Raises NotFound.
        """
        row = self.run(run_id)
        silent_at = row.beats if row.status == "interrupted" else None
        moving = (runs.c.status.in_(("queued", "running")), runs.c.wish == "run")
        mine = update(runs).where(runs.c.id == run_id, *moving)
        with self._db.write() as connection:
            queued = row.resumable and self._resume(connection, row, silent_at, room)
            connection.execute(mine.values(hold_at=row.step + 1))
        return queued

    # Dials

    def turn(self, run_id: str, dial: str, value: float) -> None:
        """Set a dial of a run or of a job: a number that its worker reads or writes."""
        with self._db.write() as connection:
            mine = (dials.c.run_id == run_id, dials.c.name == dial)
            connection.execute(delete(dials).where(*mine))
            connection.execute(insert(dials).values(run_id=run_id, name=dial, value=value))

    def dial(self, run_id: str, dial: str, default: float = 0.0) -> float:
        """The value of a dial; `default` where it was never set."""
        query = select(dials.c.value).where(dials.c.run_id == run_id, dials.c.name == dial)
        value = self._db.value(query)
        return float(value) if isinstance(value, int | float) else default

    # Inside

    def _insert(
        self, connection: Connection, config: RunConfig, title: str, owner: str, **state: Any
    ) -> str:
        now = self._clock()
        run_id = new_run_id(config)
        while connection.scalar(select(runs.c.id).where(runs.c.id == run_id)):
            run_id = new_run_id(config)
        values = {
            "id": run_id,
            "title": clean_title(title, config),
            "owner": owner[:80],
            "kind": config.kind,
            "config": encode(config.to_dict()),
            "parent": config.parent,
            "experiment": config.experiment,
            "num_steps": config.train.steps,
            "created": now,
            "queued": now,
        }
        connection.execute(insert(runs).values(values | state))
        return run_id

    def _row(self, data: dict[str, Any]) -> RunRow:
        row = read_run(data)
        if row.status != "running":
            return row
        if self._watch.is_silent(row.id, data["worker"], row.beats):
            return replace(row, status="interrupted")
        arrived = row.wish.hold_at is not None and row.step >= row.wish.hold_at
        return replace(row, status="holding" if arrived else _SHOWN_WISH[row.wish.command])


def _rests(states: Sequence[str], silent_at: int | None) -> ColumnElement[bool]:
    """The condition that a run is in one of `states`.

    With `silent_at`, a running run whose worker has fallen silent at this count meets it too.
    """
    rests = runs.c.status.in_(states)
    if silent_at is None:
        return rests
    return or_(rests, and_(runs.c.status == "running", runs.c.beats == silent_at))


def _number_waiting(owner: str | None) -> Select[int]:
    """The query for how many runs wait: those of one owner, or of all."""
    mine = () if owner is None else (runs.c.owner == owner,)
    return select(func.count()).select_from(runs).where(*waiting(), *mine)


def _check_room(connection: Connection, owner: str, room: Room | None) -> None:
    """Let `room` refuse what this transaction has queued.

    All who write are one after another, whichever server or terminal they are, so that no two can
    both take the last place.
    """
    if room is not None:
        counts = (connection.scalar(_number_waiting(whose)) or 0 for whose in (owner, None))
        room(*counts)


def waiting() -> tuple[ColumnElement[bool], ...]:
    """The conditions that a run waits for a worker."""
    return runs.c.status == "queued", runs.c.deleted == 0

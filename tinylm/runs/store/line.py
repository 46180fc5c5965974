"""Who comes next: workers take from the store what waits there, and each learner has a turn.

Where one person has the computer, it is first come, first served. In a class, whoever was served
longest ago comes first, and nobody has more than one place for long work. A number that grows with
each turn says who was served when, since the clocks of two computers cannot be compared.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from tinylm.codec import decode
from tinylm.config import ELSEWHERE
from tinylm.errors import BadRequest
from tinylm.questions.corpora import Download
from tinylm.questions.registry import LONG_KINDS, PRIORITIES
from tinylm.runs.store.claims import Claims
from tinylm.runs.store.rows import Claim, RunRow
from tinylm.runs.store.runs import ROW_COLUMNS, RunStore, waiting
from tinylm.runs.store.tables import jobs, notes, runs, turns

DOWNLOAD = str(Download.__struct_config__.tag)
MANY = "class/many"  # the note that says whether learners share this store
PAUSED = "class/paused"  # the note that says whether no long work may begin
# Priorities of questions (tinylm/questions): any; those for which a person waits; those that a page
# asks while it is drawn, whose answers take a moment.
ANY_PRIORITY, PERSON_WAITS, DRAWN_AT_ONCE = -100, 1, 2
OF_ONE = 2  # short questions of one learner that may go on at once, in a class
# The short questions that are computed: a download only waits for the internet.
COMPUTED = tuple(kind for kind in PRIORITIES if kind not in (*LONG_KINDS, DOWNLOAD))

Lane = Literal["long", "short"]
# The kinds of questions in each lane, and how many things of one learner go on there at a time.
LANES: dict[Lane, tuple[tuple[str, ...], int]] = {
    "long": (LONG_KINDS, 1),
    "short": (COMPUTED, OF_ONE),
}


@dataclass(frozen=True)
class Taken:
    """A short question that a worker has claimed."""

    job: str
    priority: int


@dataclass(frozen=True)
class Standing:
    """Everything that says when what waits will begin."""

    queued: list[RunRow]
    since: dict[str, float]  # when each of these was queued
    running: list[tuple[RunRow, str]]  # with the worker; only those that are alive
    ended: list[RunRow]  # those done last, the newest first
    asked: list[tuple[str, str, str, float]]  # long questions that wait: id, owner, kind, when
    computing: list[tuple[str, str]]  # the owner and the worker of long questions going on
    turns: dict[str, int]  # when each learner was served last
    many: bool
    paused: bool


class Line(Claims, RunStore):
    """The part of the store that says what a worker does next."""

    def claim_next(self, worker: str) -> Claim | str | None:
        """Claim the run or the long job that comes next; None where none may begin now.

        The result is the claim of a run, or the id of a job. All that is read here is so until it
        is changed, because one transaction writes at a time: two workers never give one learner
        two places.
        """
        with self._db.read() as connection:  # whoever only looks holds up nobody
            if self._next_long(connection) is None:
                return None
        with self._db.write() as connection:
            while (head := self._next_long(connection)) is not None:
                table, item, owner = head
                if table == "jobs":
                    _begin_job(connection, item, worker)
                    _served(connection, "long", owner)
                    return item
                claim = self._take(connection, item, worker)
                if claim is not None:  # else its settings are damaged, and it has failed
                    return replace(claim, turn=_served(connection, "long", owner))
            return None

    def put_back(self, claim: Claim) -> None:
        """Let a run that was only just claimed wait again, in its place and at its owner's turn.

        One that somebody deleted, paused or stopped in the meantime rests instead.
        """
        mine = (runs.c.id == claim.run_id, runs.c.claim == claim.token)
        halted = or_(runs.c.deleted == 1, runs.c.wish != "run")
        rests = case((runs.c.wish == "pause", "paused"), else_="stopped")
        again = {
            "status": case((halted, rests), else_="queued"),
            "ended": case((halted, self._clock())),
            "started": case((runs.c.step > 0, runs.c.started)),
            "worker": "",
            "claim": "",
        }
        with self._db.write() as connection:
            if connection.execute(update(runs).where(*mine).values(**again)).rowcount:
                owner = select(runs.c.owner).where(runs.c.id == claim.run_id).scalar_subquery()
                turn = update(turns).where(turns.c.owner == owner, turns.c.lane == "long")
                connection.execute(turn.values(served=claim.turn))

    def claim_question(self, worker: str, least: int = ANY_PRIORITY) -> Taken | None:
        """Claim the short question that comes next; None where none may begin now.

        It is of the priority `least` or a higher one.
        """
        with self._db.read() as connection:
            if self._next_short(connection, least) is None:
                return None
        with self._db.write() as connection:
            head = self._next_short(connection, least)
            if head is None:
                return None
            job_id, owner, kind = head
            _begin_job(connection, job_id, worker)
            _served(connection, "short", owner)
            return Taken(job_id, PRIORITIES.get(kind, 0))

    def _next_long(self, connection: Connection) -> tuple[str, str, str] | None:
        """The table, the id and the owner of what comes next in the long lane."""
        waits = connection.execute(select(exists().where(*waiting()), exists().where(*_LONG))).one()
        if not any(waits):
            return None
        many, paused = _class(connection)
        if paused:
            return None
        busy = self._busy(connection, *LANES["long"]) if many else []
        found = [
            (_place(row), table, row.id, row.owner)
            for table, there, first in (
                ("runs", waits[0], _first_run),
                ("jobs", waits[1], _first_job),
            )
            if there and (row := first(connection, many, busy)) is not None
        ]
        return min(found)[1:] if found else None

    def _next_short(self, connection: Connection, least: int) -> tuple[str, str, str] | None:
        """The id, the owner and the kind of the short question that comes next."""
        if not connection.scalar(select(exists().where(*_SHORT))):
            return None
        many, _ = _class(connection)
        wanted = [*_SHORT]
        if least > ANY_PRIORITY:
            kinds = [kind for kind, priority in PRIORITIES.items() if priority >= least]
            wanted.append(jobs.c.kind.in_(kinds))
        if many:
            wanted.append(jobs.c.owner.not_in(self._busy(connection, *LANES["short"])))
        source, turn = _turn_of(jobs, jobs.c.owner, "short", many)
        head = connection.execute(
            select(jobs.c.id, jobs.c.owner, jobs.c.kind)
            .select_from(source)
            .where(*wanted)
            .order_by(_priority().desc(), turn, jobs.c.created, jobs.c.id)
            .limit(1)
        ).one_or_none()
        return None if head is None else (head.id, head.owner, head.kind)

    def join(self, job_ids: Collection[str], owner: str) -> None:
        """Note that this learner, too, asks what waits here: it goes with whoever comes sooner.

        Otherwise it would wait until all that goes on of whoever asked first has ended.
        """
        with self._db.write() as connection:
            if not _class(connection)[0]:
                return
            others = (jobs.c.id.in_(job_ids), jobs.c.status == "queued", jobs.c.owner != owner)
            asked = select(jobs.c.id, jobs.c.owner, jobs.c.kind).where(*others)
            for job_id, first, kind in connection.execute(asked).all():
                lane: Lane = "long" if kind in LONG_KINDS else "short"
                busy = self._busy(connection, *LANES[lane])
                served = select(turns.c.owner, turns.c.served).where(turns.c.lane == lane)
                last = {row.owner: row.served for row in connection.execute(served)}
                if (owner in busy, last.get(owner, 0)) < (first in busy, last.get(first, 0)):
                    mine = update(jobs).where(jobs.c.id == job_id)
                    connection.execute(mine.values(owner=owner))

    def standing(self, ended: int = 30) -> Standing:
        """Who stands in line and what goes on, and the runs that were done last."""
        moving = select(*ROW_COLUMNS, runs.c.queued).where(
            runs.c.status.in_(("queued", "running")), runs.c.deleted == 0
        )
        done = (runs.c.status == "done", runs.c.kind != ELSEWHERE, runs.c.deleted == 0)
        last = select(*ROW_COLUMNS).where(*done).order_by(runs.c.ended.desc()).limit(ended)
        columns = (jobs.c.id, jobs.c.owner, jobs.c.kind, jobs.c.created, jobs.c.status)
        long = select(*columns, jobs.c.worker, jobs.c.beats).where(
            jobs.c.status.in_(("queued", "running")), jobs.c.kind.in_(LONG_KINDS)
        )
        served = select(turns.c.owner, turns.c.served).where(turns.c.lane == "long")
        with self._db.read() as connection:
            many, paused = _class(connection)
            rows = [row._asdict() for row in connection.execute(moving)]
            over = [row._asdict() for row in connection.execute(last)]
            jobs_there = connection.execute(long).all()
            last_turns = {row.owner: row.served for row in connection.execute(served)}
        seen = [(self._row(row), str(row["worker"])) for row in rows]
        return Standing(
            queued=[run for run, _ in seen if run.status == "queued"],
            since={row["id"]: _number(row["queued"]) for row in rows},
            running=[
                (run, worker) for run, worker in seen if run.active and run.status != "queued"
            ],
            ended=[self._row(row) for row in over],
            asked=[
                (job.id, job.owner, job.kind, _number(job.created))
                for job in jobs_there
                if job.status == "queued"
            ],
            computing=[
                (job.owner, job.worker)
                for job in jobs_there
                if job.status == "running"
                and not self._watch.is_silent(job.id, job.worker, job.beats)
            ],
            turns=last_turns,
            many=many,
            paused=paused,
        )

    def _busy(self, connection: Connection, kinds: Iterable[str], most: int) -> list[str]:
        """The learners who have `most` jobs of these kinds going on, or more.

        A run counts as such a job where long ones are asked for. What a dead worker had is not
        going on.
        """
        columns = (jobs.c.owner, jobs.c.id, jobs.c.worker, jobs.c.beats)
        going_on = (jobs.c.status == "running", jobs.c.kind.in_(list(kinds)))
        found = list(connection.execute(select(*columns).where(*going_on)).all())
        if kinds is LONG_KINDS:
            columns = (runs.c.owner, runs.c.id, runs.c.worker, runs.c.beats)
            training = (runs.c.status == "running", runs.c.deleted == 0)
            found += connection.execute(select(*columns).where(*training)).all()
        alive = [owner for owner, *what in found if not self._watch.is_silent(*what)]
        return [owner for owner in set(alive) if alive.count(owner) >= most]

    def others_wait(self) -> bool:
        """Whether something long of another learner could begin; never where one is alone.

        Whoever has something going on is passed over, so it is never that of who asks.
        """
        with self._db.read() as connection:
            return _class(connection)[0] and self._next_long(connection) is not None


_SHORT = (jobs.c.status == "queued", jobs.c.kind.not_in(LONG_KINDS))
_LONG = (jobs.c.status == "queued", jobs.c.kind.in_(LONG_KINDS))


def _class(connection: Connection) -> tuple[bool, bool]:
    """Whether learners share the store, and whether their teacher has paused the class."""
    query = select(notes.c.key, notes.c.value).where(notes.c.key.in_((MANY, PAUSED)))
    found = {key: _says_yes(text) for key, text in connection.execute(query)}
    many = found.get(MANY, False)
    return many, many and found.get(PAUSED, False)


def _says_yes(text: str) -> bool:
    try:
        return decode(text, object) is True
    except BadRequest:
        return False


def _priority() -> ColumnElement[int]:
    return case(PRIORITIES, value=jobs.c.kind, else_=0)


def _turn_of(
    table: FromClause, owner: ColumnElement[str], lane: Lane, many: bool
) -> tuple[FromClause, ColumnElement[int]]:
    """The rows of a table, and when their owners were served last; to one alone that is equal."""
    source = table.outerjoin(turns, and_(turns.c.owner == owner, turns.c.lane == lane))
    return source, func.coalesce(turns.c.served if many else None, 0)


def _first_run(connection: Connection, many: bool, busy: Collection[str]) -> Row[Any] | None:
    """The run that comes before all others."""
    source, turn = _turn_of(runs, runs.c.owner, "long", many)
    return connection.execute(
        select(turn, literal(0), runs.c.queued, runs.c.id, runs.c.owner)
        .select_from(source)
        .where(*waiting(), runs.c.owner.not_in(busy))
        .order_by(turn, runs.c.queued, runs.c.id)
        .limit(1)
    ).one_or_none()


def _first_job(connection: Connection, many: bool, busy: Collection[str]) -> Row[Any] | None:
    """The long question that comes before all others."""
    source, turn = _turn_of(jobs, jobs.c.owner, "long", many)
    return connection.execute(
        select(turn, -_priority(), jobs.c.created, jobs.c.id, jobs.c.owner)
        .select_from(source)
        .where(*_LONG, jobs.c.owner.not_in(busy))
        .order_by(turn, _priority().desc(), jobs.c.created, jobs.c.id)
        .limit(1)
    ).one_or_none()


def _place(row: Row[Any]) -> list[float]:
    """The turn, the urgency and the time in a row, by which rows are compared."""
    return [_number(value) for value in row[:3]]


def _number(value: object) -> float:
    """The number that is stored; a damaged one comes last."""
    return value if isinstance(value, int | float) else math.inf


def _begin_job(connection: Connection, job_id: str, worker: str) -> None:
    begun = {"status": "running", "worker": worker, "beats": jobs.c.beats + 1}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(**begun))


def _served(connection: Connection, lane: Lane, owner: str) -> int:
    """Note that this learner was served now; returns the turn in which they were before, or 0."""
    mine = (turns.c.owner == owner, turns.c.lane == lane)
    before = connection.scalar(select(turns.c.served).where(*mine))
    last = connection.scalar(select(func.max(turns.c.served)).where(turns.c.lane == lane))
    now = last + 1 if isinstance(last, int) else 1
    if not connection.execute(update(turns).where(*mine).values(served=now)).rowcount:
        connection.execute(insert(turns).values(owner=owner, lane=lane, served=now))
    return before or 0

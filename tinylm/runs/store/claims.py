"""What a worker does with runs in the store: claim one, give signs of life, end it, take over.

A claim is a random token in the run's row. When the run is given to another worker the token
changes, and from then on the store accepts nothing from the earlier worker.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from tinylm.runs.store.database import Database
from tinylm.runs.store.rows import Claim, Wish, read_run, read_wish
from tinylm.runs.store.runs import ROW_COLUMNS, waiting
from tinylm.runs.store.tables import dials, runs
from tinylm.runs.store.watch import Watch

TAKEN_OVER = "taken_over"  # name of the dial with the step at which a run's worker last died


class Claims:
    """The part of the store that workers use."""

    _db: Database
    _clock: Callable[[], float]
    _ticks: Callable[[], float]
    _watch: Watch

    def claim_run(self, run_id: str, worker: str) -> Claim | None:
        """Claim a queued run; None where another worker has it, or it no longer waits.

        A run whose settings cannot be used becomes "failed" instead, and the result is None.
        """
        with self._db.write() as connection:
            return self._take(connection, run_id, worker)

    def _take(self, connection: Connection, run_id: str, worker: str) -> Claim | None:
        """Claim a queued run inside a transaction, as `claim_run` says."""
        now, claim = self._clock(), secrets.token_hex(8)
        taken = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, *waiting())
            .values(
                status="running",
                worker=worker,
                claim=claim,
                started=func.coalesce(runs.c.started, now),
                beats=runs.c.beats + 1,
                ended=None,
                error="",
            )
        ).rowcount
        if not taken:
            return None
        stored = connection.execute(select(*ROW_COLUMNS).where(runs.c.id == run_id)).one()
        row = read_run(stored._asdict())
        if row.status == "failed":
            failed = {"status": "failed", "error": row.error, "ended": now}
            mine = update(runs).where(runs.c.id == run_id)
            connection.execute(mine.values(worker="", claim="", **failed))
            return None
        return Claim(run_id, claim, row.config, self._ticks(), row.seconds)

    def beat(self, claim: Claim) -> Wish | None:
        """Give a sign of life and read the wish; None where the run is no longer this worker's."""
        mine = update(runs).where(runs.c.id == claim.run_id, runs.c.claim == claim.token)
        kept = self._db.change(mine.values(beats=runs.c.beats + 1))
        return self.read_wish(claim) if kept else None

    def read_wish(self, claim: Claim) -> Wish | None:
        """What the run is asked to do; None where the run is no longer this worker's."""
        query = select(runs.c.wish, runs.c.hold_at).where(
            runs.c.id == claim.run_id,
            runs.c.claim == claim.token,
            runs.c.status == "running",
        )
        with self._db.read() as connection:
            row = connection.execute(query).one_or_none()
        return read_wish(*row) if row is not None else None

    def finish_run(self, claim: Claim, status: str, error: str = "") -> str:
        """Store the status in which the run ends, and give up the claim.

        Returns the status that the run now has, "lost" where the run is no longer this worker's,
        or "deleted". If a pause or stop was taken back in the meantime, the run is "queued".
        """
        now = self._clock()
        with self._db.write() as connection:
            mine = and_(runs.c.id == claim.run_id, runs.c.claim == claim.token)
            columns = select(runs.c.wish, runs.c.hold_at, runs.c.deleted)
            row = connection.execute(columns.where(mine)).one_or_none()
            if row is None:
                return "lost"
            taken_back = row.wish == "run" and row.hold_at is None
            if status in ("paused", "stopped") and taken_back:
                status = "queued"
            connection.execute(
                update(runs)
                .where(mine)
                .values(
                    status=status,
                    error=error,
                    wish="run" if not row.deleted else "stop",
                    hold_at=None,
                    ended=now,
                    queued=now if status == "queued" else runs.c.queued,
                    seconds=claim.seconds_before + self._ticks() - claim.taken,
                    claim="",
                    worker="",
                )
            )
        return "deleted" if row.deleted else status

    def take_over(self) -> list[str]:
        """Queue again the runs whose workers have died, and return their ids.

        A run that dies again without having got further may be what kills its workers: it rests,
        as interrupted, until somebody resumes it.
        """
        columns = (runs.c.id, runs.c.worker, runs.c.beats, runs.c.step, dials.c.value)
        joined = runs.outerjoin(
            dials, and_(dials.c.run_id == runs.c.id, dials.c.name == TAKEN_OVER)
        )
        alone = (runs.c.status == "running", runs.c.wish == "run", runs.c.deleted == 0)
        query = select(*columns).select_from(joined).where(*alone, runs.c.hold_at.is_(None))
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [
            run_id
            for run_id, worker, beats, step, died_at in rows
            if self._watch.is_silent(run_id, worker, beats)
            and (died_at is None or died_at < step)
            and self._queue_again(run_id, beats, step)
        ]

    def _queue_again(self, run_id: str, beats: int, step: int) -> bool:
        mine = and_(runs.c.id == run_id, runs.c.status == "running", runs.c.beats == beats)
        again = {"status": "queued", "queued": self._clock(), "worker": "", "claim": ""}
        dial = and_(dials.c.run_id == run_id, dials.c.name == TAKEN_OVER)
        with self._db.write() as connection:
            taken = connection.execute(update(runs).where(mine).values(**again)).rowcount
            if taken:
                connection.execute(delete(dials).where(dial))
                kept = {"run_id": run_id, "name": TAKEN_OVER, "value": step}
                connection.execute(insert(dials).values(**kept))
        return bool(taken)

    def count_running(self, host: str) -> int:
        """How many runs the living workers of the computer `host` are working on."""
        query = select(runs.c.id, runs.c.worker, runs.c.beats).where(runs.c.status == "running")
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        here = [row for row in rows if str(row.worker).startswith(f"{host}:")]
        return sum(not self._watch.is_silent(*row) for row in here)

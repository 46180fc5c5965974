"""Short jobs, workers and learners' answers in the store."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

import tinylm
from tinylm.errors import NotFound
from tinylm.process import is_gone, token_pid
from tinylm.runs.store.database import Database, from_json, to_json, twice
from tinylm.runs.store.rows import STALE_AFTER, JobRow, WorkerRow
from tinylm.runs.store.tables import answers, dials, jobs, workers

KEPT_JOBS = 2000  # finished jobs that are kept
LONG_JOBS = ("transfer", "size")  # seconds of work that nobody waits for: beside the runs
RETRY_AFTER = 60.0  # seconds after which a failed job may be tried again without being told to

_LOST = "The worker that computed this has ended before it was done: ask again."


class JobStore:
    """The part of the store that holds short jobs, workers and answers."""

    _db: Database
    _clock: Callable[[], float]

    # Short jobs

    @twice
    def request(
        self, kind: str, params: dict[str, Any], *, retry: bool = False, anew: bool = False
    ) -> tuple[str, bool]:
        """The job for this question, and whether it must be put on the queue now.

        `retry` tries a failed one again, `anew` also does again one that is done.
        """
        job_id, now = job_key(kind, params), self._clock()
        with self._db.write() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
            if row is None:
                values = {
                    "id": job_id,
                    "kind": kind,
                    "params": to_json(params),
                    "created": now,
                }
                run_id = str(params.get("run") or "")[:80]
                connection.execute(insert(jobs).values(status="queued", run_id=run_id, **values))
                return job_id, True
            failed = row.status == "failed" and (retry or now - row.ended > RETRY_AFTER)
            again = anew and row.status in ("failed", "done")
            if not failed and not again and not self._lost(row._asdict()):
                return job_id, False
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(status="queued", error="", created=now, ended=None, worker="", result=None)
            )
            return job_id, True

    def job(self, job_id: str) -> JobRow:
        """A job and, once done, its result. Raises NotFound."""
        with self._db.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFound("This question is no longer kept: ask it again.")
        return self._job_row(row)

    def jobs(self, job_ids: Iterable[str]) -> dict[str, JobRow]:
        """Those of these jobs that are kept, by id: one query for what a page watches."""
        wanted = jobs.c.id.in_(list(job_ids))
        with self._db.read() as connection:
            rows = connection.execute(select(jobs).where(wanted)).all()
        return {row.id: self._job_row(row) for row in rows}

    def claim_job(self, job_id: str, worker: str) -> JobRow | None:
        """Take a queued job; None where another worker has it."""
        now = self._clock()
        with self._db.write() as connection:
            taken = connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.status == "queued")
                .values(status="running", worker=worker, heartbeat=now)
            ).rowcount
        return self.job(job_id) if taken else None

    def beat_job(self, job_id: str, worker: str) -> None:
        """A sign of life of the worker that computes this job."""
        with self._db.write() as connection:
            connection.execute(
                update(jobs)
                .where(
                    jobs.c.id == job_id,
                    jobs.c.worker == worker,
                    jobs.c.status == "running",
                )
                .values(heartbeat=self._clock())
            )

    def finish_job(self, job_id: str, result: dict[str, Any] | None, error: str = "") -> None:
        """Keep the result, or the sentence that says why there is none."""
        with self._db.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(
                    status="failed" if result is None else "done",
                    result=None if result is None else to_json(result),
                    error=error,
                    ended=self._clock(),
                )
            )

    def is_job(self, item: str) -> bool:
        """Whether an id is that of a job."""
        with self._db.read() as connection:
            found = connection.scalar(select(jobs.c.id).where(jobs.c.id == item))
        return found is not None

    def cancel_jobs(self, job_ids: Iterable[str]) -> int:
        """Take waiting jobs back; the number of them. What is being computed goes on."""
        wanted = (jobs.c.id.in_(list(job_ids)), jobs.c.status == "queued")
        with self._db.write() as connection:
            return int(connection.execute(delete(jobs).where(*wanted)).rowcount)

    def queued_jobs(self, long: bool = False) -> list[str]:
        """Ids of waiting jobs, oldest first: the short ones, or those of the long queue."""
        kind = jobs.c.kind.in_(LONG_JOBS) if long else jobs.c.kind.not_in(LONG_JOBS)
        query = select(jobs.c.id).where(jobs.c.status == "queued", kind).order_by(jobs.c.created)
        with self._db.read() as connection:
            return list(connection.scalars(query))

    def mark(self, job_id: str, name: str, value: float) -> None:
        """Note a number of a job: how far it is, or what is wished of it."""
        mine = (dials.c.run_id == job_id, dials.c.name == name)
        with self._db.write() as connection:
            connection.execute(delete(dials).where(*mine))
            connection.execute(insert(dials).values(run_id=job_id, name=name, value=value))

    def marked(self, job_id: str, name: str) -> float:
        """The number that was noted last; 0 where there is none."""
        query = select(dials.c.value).where(dials.c.run_id == job_id, dials.c.name == name)
        with self._db.read() as connection:
            return float(connection.scalar(query) or 0.0)

    def trim_jobs(self, keep: int = KEPT_JOBS) -> None:
        """Forget the oldest finished jobs beyond `keep`."""
        over = jobs.c.status.in_(("done", "failed"))
        with self._db.write() as connection:
            oldest_kept = connection.scalar(
                select(jobs.c.ended).where(over).order_by(jobs.c.ended.desc()).offset(keep).limit(1)
            )
            if oldest_kept is not None:
                connection.execute(delete(jobs).where(over, jobs.c.ended <= oldest_kept))

    def _job_row(self, row: Row[Any]) -> JobRow:
        lost = self._lost(row._asdict())
        return JobRow(
            id=row.id,
            kind=row.kind,
            params=from_json(row.params),
            status="failed" if lost else row.status,
            result=from_json(row.result) if row.result is not None else None,
            error=_LOST if lost else row.error,
            created=row.created,
            ended=row.ended,
        )

    def _lost(self, row: dict[str, Any]) -> bool:
        if row["status"] != "running":
            return False
        silent = self._clock() - (row["heartbeat"] or 0.0)
        return silent > STALE_AFTER or is_gone(row["worker"])

    # Workers

    def beat_worker(self, worker: str, queue: str) -> None:
        """A worker's sign of life; the first one makes it known."""
        now = self._clock()
        with self._db.write() as connection:
            known = connection.execute(
                update(workers).where(workers.c.id == worker).values(heartbeat=now)
            ).rowcount
            if not known:
                values = {
                    "id": worker,
                    "host": platform.node(),
                    "pid": token_pid(worker),
                }
                connection.execute(
                    insert(workers).values(queue=queue, started=now, heartbeat=now, **values)
                )

    def remove_worker(self, worker: str) -> None:
        """A worker says goodbye; those long silent are removed with it."""
        with self._db.write() as connection:
            long_silent = workers.c.heartbeat < self._clock() - 3600
            connection.execute(delete(workers).where(or_(workers.c.id == worker, long_silent)))

    def workers(self) -> list[WorkerRow]:
        """Workers that are alive."""
        query = select(workers).where(workers.c.heartbeat > self._clock() - STALE_AFTER)
        with self._db.read() as connection:
            rows = [WorkerRow(**row._mapping) for row in connection.execute(query)]
        return [row for row in rows if not is_gone(row.id)]

    # Learners' answers

    @twice
    def set_answer(self, owner: str, key: str, value: Any) -> None:
        """Keep a learner's answer (plain data); a later one under the same key replaces it."""
        mine = (answers.c.owner == owner, answers.c.key == key)
        with self._db.write() as connection:
            connection.execute(delete(answers).where(*mine))
            connection.execute(
                insert(answers).values(
                    owner=owner, key=key, value=to_json(value), time=self._clock()
                )
            )

    def answers(self, owner: str) -> dict[str, Any]:
        """All answers of one learner, by key."""
        query = select(answers.c.key, answers.c.value).where(answers.c.owner == owner)
        with self._db.read() as connection:
            return {row.key: from_json(row.value) for row in connection.execute(query)}


def job_key(kind: str, params: dict[str, Any]) -> str:
    """The same question gives the same key; another version of tinylm, another key."""
    text = to_json([tinylm.__version__, kind, params])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:24]

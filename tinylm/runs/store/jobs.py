"""Jobs, workers and learners' answers in the store."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from tinylm.codec import encode
from tinylm.errors import NotFound
from tinylm.process import is_gone, token_pid
from tinylm.questions.base import A, Answer, Job, Question
from tinylm.questions.registry import LONG_KINDS, read_question
from tinylm.runs.store.database import Database, twice
from tinylm.runs.store.rows import STALE_AFTER, WorkerRow
from tinylm.runs.store.tables import answers, jobs, workers

KEPT_JOBS = 2000  # how many finished jobs are kept
RETRY_AFTER = 60.0  # seconds after which a failed job that is asked for again is tried again

_LOST = "The worker that computed this has ended before it was done: ask again."


class JobStore:
    """The part of the store that holds jobs, workers and learners' answers."""

    _db: Database
    _clock: Callable[[], float]

    # Short jobs

    @twice
    def request(
        self, questions: Iterable[Question[A]], *, retry: bool = False, anew: bool = False
    ) -> list[Question[A]]:
        """Store new questions as jobs; returns those of `questions` that must now be queued.

        `retry` tries failed ones again at once; `anew` also repeats those that are done.
        """
        now, queued = self._clock(), []
        wanted = {question.key(): question for question in questions}
        with self._db.write() as connection:
            rows = connection.execute(select(jobs).where(jobs.c.id.in_(wanted))).all()
            kept = {row.id: self._job(row, wanted[row.id]) for row in rows}
            for job_id, question in wanted.items():
                job = kept.get(job_id)
                if job is None:
                    asked = {"kind": question.kind, "question": encode(question)}
                    about = {"id": job_id, "run_id": question.about[:80], "created": now}
                    connection.execute(insert(jobs).values(status="queued", **asked, **about))
                elif self.is_stale(job, retry) or (anew and job.over):
                    connection.execute(
                        update(jobs)
                        .where(jobs.c.id == job_id)
                        .values(status="queued", error="", worker="", answer=None)
                        .values(created=now, ended=None)
                    )
                else:
                    continue
                queued.append(question)
        return queued

    def is_stale(self, job: Job[A], retry: bool = False) -> bool:
        """Whether a job failed and may be tried again: after RETRY_AFTER, or at once if `retry`."""
        long_ago = self._clock() - (job.ended or 0.0) > RETRY_AFTER
        return job.status == "failed" and (retry or long_ago)

    def jobs(self, questions: Iterable[Question[A]]) -> dict[str, Job[A]]:
        """The jobs of those questions that were asked before, by key: one query, no write."""
        wanted = {question.key(): question for question in questions}
        query = select(jobs).where(jobs.c.id.in_(wanted))
        with self._db.read() as connection:
            rows = connection.execute(query).all() if wanted else []
        return {row.id: self._job(row, wanted[row.id]) for row in rows}

    def job(self, job_id: str) -> Job[Answer]:
        """A job by its id. Raises NotFound, or BadRequest where another version stored it."""
        with self._db.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFound("This question is no longer kept: ask it again.")
        return self._job(row, read_question(row.question))

    def are_over(self, job_ids: Collection[str]) -> bool:
        """Whether at least one of these jobs is done, has failed, or was removed."""
        query = select(jobs).where(jobs.c.id.in_(job_ids))
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        waiting = [row for row in rows if row.status == "queued" or self._is_alive(row)]
        return len(waiting) < len(job_ids)

    def claim_job(self, job_id: str, worker: str) -> bool:
        """Claim a queued job; False where another worker has it, or it no longer waits."""
        change = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.status == "queued")
            .values(status="running", worker=worker, heartbeat=self._clock())
        )
        return bool(self._db.change(change))

    def beat_job(self, job_id: str, worker: str) -> None:
        """Store a sign of life of the worker that computes this job."""
        mine = (jobs.c.id == job_id, jobs.c.worker == worker, jobs.c.status == "running")
        self._db.change(update(jobs).where(*mine).values(heartbeat=self._clock()))

    def finish_job(self, job_id: str, answer: Answer | None, error: str = "") -> None:
        """Store the answer, or a sentence that says why there is none."""
        found = {"status": "failed", "answer": None}
        if answer is not None:
            found = {"status": "done", "answer": encode(answer)}
        mine = update(jobs).where(jobs.c.id == job_id)
        self._db.change(mine.values(error=error, ended=self._clock(), **found))

    def is_job(self, item: str) -> bool:
        """Whether `item` is the id of a job."""
        return self._db.value(select(jobs.c.id).where(jobs.c.id == item)) is not None

    def cancel_jobs(self, job_ids: Iterable[str]) -> int:
        """Remove those jobs that still wait; returns their number. Running ones go on."""
        wanted = (jobs.c.id.in_(list(job_ids)), jobs.c.status == "queued")
        return self._db.change(delete(jobs).where(*wanted))

    def queued_jobs(self, long: bool = False) -> list[str]:
        """Ids of the jobs that wait in one queue, short or `long`, oldest first."""
        kind = jobs.c.kind.in_(LONG_KINDS) if long else jobs.c.kind.not_in(LONG_KINDS)
        query = select(jobs.c.id).where(jobs.c.status == "queued", kind).order_by(jobs.c.created)
        return self._db.column(query)

    def trim_jobs(self, keep: int = KEPT_JOBS) -> None:
        """Remove all finished jobs but the newest `keep`."""
        over = jobs.c.status.in_(("done", "failed"))
        with self._db.write() as connection:
            oldest_kept = connection.scalar(
                select(jobs.c.ended).where(over).order_by(jobs.c.ended.desc()).offset(keep).limit(1)
            )
            if oldest_kept is not None:
                connection.execute(delete(jobs).where(over, jobs.c.ended <= oldest_kept))

    def _job(self, row: Row[Any], question: Question[A]) -> Job[A]:
        lost = row.status == "running" and not self._is_alive(row)
        return Job(
            id=row.id,
            question=question,
            status="failed" if lost else row.status,
            answer=question.read_answer(row.answer) if row.answer is not None else None,
            error=_LOST if lost else row.error,
            created=row.created,
            ended=row.ended,
        )

    def _is_alive(self, row: Row[Any]) -> bool:
        """Whether a worker that still lives computes this job."""
        recent = self._clock() - (row.heartbeat or 0.0) <= STALE_AFTER
        return row.status == "running" and recent and not is_gone(row.worker)

    # Workers

    def beat_worker(self, worker: str, queue: str) -> None:
        """Store a worker's sign of life; the first one adds the worker to the list."""
        now = self._clock()
        with self._db.write() as connection:
            known = connection.execute(
                update(workers).where(workers.c.id == worker).values(heartbeat=now)
            ).rowcount
            if not known:
                here = {"host": platform.node(), "pid": token_pid(worker)}
                values = {"id": worker, "queue": queue, "started": now, "heartbeat": now}
                connection.execute(insert(workers).values(values | here))

    def remove_worker(self, worker: str) -> None:
        """Remove a worker that ends, together with those silent for more than an hour."""
        long_silent = workers.c.heartbeat < self._clock() - 3600
        self._db.change(delete(workers).where(or_(workers.c.id == worker, long_silent)))

    def workers(self) -> list[WorkerRow]:
        """The workers that are alive."""
        query = select(workers).where(workers.c.heartbeat > self._clock() - STALE_AFTER)
        with self._db.read() as connection:
            rows = [WorkerRow(**row._mapping) for row in connection.execute(query)]
        return [row for row in rows if not is_gone(row.id)]

    # Learners' answers

    @twice
    def set_answer(self, owner: str, key: str, value: object) -> None:
        """Store a learner's answer (plain data); a later one under the same key replaces it."""
        mine = (answers.c.owner == owner, answers.c.key == key)
        with self._db.write() as connection:
            connection.execute(delete(answers).where(*mine))
            connection.execute(
                insert(answers).values(
                    owner=owner, key=key, value=encode(value), time=self._clock()
                )
            )

    def answers(self, owner: str) -> dict[str, object]:
        """All answers of one learner, by key."""
        query = select(answers.c.key, answers.c.value).where(answers.c.owner == owner)
        with self._db.read() as connection:
            return {row.key: json.loads(row.value) for row in connection.execute(query)}

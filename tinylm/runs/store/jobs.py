"""Jobs, workers and learners' answers in the store."""

from __future__ import annotations

import logging
import math
import platform
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, not_, select, update

from tinylm import __version__
from tinylm.codec import decode, encode
from tinylm.errors import BadRequest, NotFound
from tinylm.process import token_pid
from tinylm.questions.base import A, Answer, Job, Question
from tinylm.questions.registry import LASTING_KINDS, read_question
from tinylm.runs.store.database import Database, twice
from tinylm.runs.store.rows import WorkerRow
from tinylm.runs.store.tables import answers, dials, jobs, runs, workers
from tinylm.runs.store.watch import Watch

Q = TypeVar("Q", bound=Question[Any])

KEPT_JOBS = 2000  # how many finished jobs are kept that are quickly asked again
KEPT_RESULTS = 20_000  # and of those that measured something, a few kB each
ORDERED = 1e-5  # seconds between questions of one request, which are answered in their order
RETRY_AFTER = 60.0  # seconds after which a failed job that is asked for again is tried again

_STATUSES = ("queued", "running", "done", "failed")
_DAMAGED = "What is stored of this answer is damaged: ask again."
_LOST = "The worker that computed this has ended before it was done: ask again."
_FATAL = (
    "Two workers in turn have ended while they computed this. It may need more memory than is "
    "free: close other programs, or choose something smaller, then ask again."
)
DEATHS = "deaths"  # name of the dial with the number of workers that ended over a job
MOST_DEATHS = 2  # after so many, a job is tried again only when a person asks for it

log = logging.getLogger("tinylm.store")


class JobStore:
    """The part of the store that holds jobs, workers and learners' answers."""

    _db: Database
    _clock: Callable[[], float]
    _watch: Watch

    # Short jobs

    @twice
    def request(
        self,
        questions: Iterable[Question[A]],
        owner: str = "",
        *,
        retry: bool = False,
        anew: bool = False,
    ) -> list[Question[A]]:
        """Store new questions of a learner as jobs; returns those that now wait, in their order.

        `retry` tries failed ones again at once; `anew` also repeats those that are done.
        """
        now, queued = self._clock(), list[Question[A]]()
        most = math.inf if retry or anew else MOST_DEATHS
        wanted = {question.key(): question for question in questions}
        with self._db.write() as connection:
            rows = connection.execute(select(jobs).where(jobs.c.id.in_(wanted))).all()
            kept = {row.id: self._job(row, wanted[row.id]) for row in rows}
            for job_id, question in wanted.items():
                job = kept.get(job_id)
                created = now + ORDERED * len(queued)
                if job is None:
                    asked = {"kind": question.kind, "question": encode(question)}
                    about = {"id": job_id, "run_id": question.about[:80], "created": created}
                    new = insert(jobs).values(status="queued", owner=owner[:80])
                    connection.execute(new.values(**asked, **about))
                elif _died(job) and _count_death(connection, job_id) >= most:
                    failed = {"status": "failed", "error": _FATAL, "ended": now, "worker": ""}
                    mine = update(jobs).where(jobs.c.id == job_id)
                    connection.execute(mine.values(**failed))
                    continue
                elif self.is_stale(job, retry) or (anew and job.over):
                    connection.execute(
                        update(jobs)
                        .where(jobs.c.id == job_id)
                        .values(status="queued", error="", worker="", answer=None)
                        .values(created=created, ended=None, owner=owner[:80])
                    )
                else:
                    continue
                queued.append(question)
        return queued

    def is_stale(self, job: Job[A], retry: bool = False) -> bool:
        """Whether a job failed and may be tried again: after RETRY_AFTER, or at once if `retry`.

        One over which workers ended again and again waits until a person asks for it.
        """
        if job.error == _FATAL:
            return retry
        just_now = 0 <= self._clock() - (job.ended or 0.0) <= RETRY_AFTER  # or the clock was set
        return job.status == "failed" and (retry or not just_now)

    def jobs(self, questions: Iterable[Question[A]]) -> dict[str, Job[A]]:
        """The jobs of those questions that were asked before, by key: one query, no write."""
        wanted = {question.key(): question for question in questions}
        query = select(jobs).where(jobs.c.id.in_(wanted))
        with self._db.read() as connection:
            rows = connection.execute(query).all() if wanted else []
        return {row.id: self._job(row, wanted[row.id]) for row in rows}

    def asked(self, kind: type[Q], run_id: str) -> list[Q]:
        """The questions of one kind that were answered about a run, the oldest answer first.

        Those that this version cannot read are left out.
        """
        tag = str(kind.__struct_config__.tag)
        done = (jobs.c.run_id == run_id, jobs.c.kind == tag, jobs.c.status == "done")
        found = []
        for text in self._db.column(select(jobs.c.question).where(*done).order_by(jobs.c.ended)):
            with suppress(BadRequest):
                found.append(decode(text, kind))
        return found

    def job(self, job_id: str) -> Job[Answer]:
        """A job by its id. Raises NotFound, or BadRequest where another version stored it."""
        with self._db.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFound("This question is no longer kept: ask it again.")
        return self._job(row, read_question(row.question))

    def num_over(self, job_ids: Collection[str]) -> int:
        """How many of these jobs are done, have failed, or were removed."""
        query = select(jobs).where(jobs.c.id.in_(job_ids))
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        waiting = [row for row in rows if row.status == "queued" or self._is_alive(row)]
        return len(job_ids) - len(waiting)

    def claim_job(self, job_id: str, worker: str) -> bool:
        """Claim a queued job; False where another worker has it, or it no longer waits."""
        change = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.status == "queued")
            .values(status="running", worker=worker, beats=jobs.c.beats + 1)
        )
        return bool(self._db.change(change))

    def beat_job(self, job_id: str, worker: str) -> None:
        """Store a sign of life of the worker that computes this job."""
        mine = (jobs.c.id == job_id, jobs.c.worker == worker, jobs.c.status == "running")
        self._db.change(update(jobs).where(*mine).values(beats=jobs.c.beats + 1))

    def finish_job(
        self, job_id: str, answer: Answer | None, error: str = "", *, worker: str | None = None
    ) -> None:
        """Store the answer, or a sentence that says why there is none.

        Nothing is stored where `worker` no longer has the job: it was taken for dead.
        """
        found = {"status": "failed", "answer": None}
        if answer is not None:
            found = {"status": "done", "answer": encode(answer)}
        mine = update(jobs).where(jobs.c.id == job_id)
        if worker is not None:
            mine = mine.where(jobs.c.status == "running", jobs.c.worker == worker)
        with self._db.write() as connection:
            if connection.execute(mine.values(error=error, ended=self._clock(), **found)).rowcount:
                connection.execute(delete(dials).where(*_deaths_of(job_id)))

    def put_back_jobs(self, worker: str) -> int:
        """Let what a worker that ends is still computing wait again; returns the number."""
        mine = (jobs.c.worker == worker, jobs.c.status == "running")
        again = {"status": "queued", "worker": ""}
        return self._db.change(update(jobs).where(*mine).values(**again))

    def is_job(self, item: str) -> bool:
        """Whether `item` is the id of a job."""
        return self._db.value(select(jobs.c.id).where(jobs.c.id == item)) is not None

    def cancel_jobs(self, job_ids: Iterable[str], owner: str | None = None) -> int:
        """Remove those jobs that still wait, of one owner or of all; returns their number.

        Running ones go on.
        """
        wanted = [jobs.c.id.in_(list(job_ids)), jobs.c.status == "queued"]
        if owner is not None:
            wanted.append(jobs.c.owner == owner)
        return self._db.change(delete(jobs).where(*wanted))

    def leave_jobs(self, job_ids: Iterable[str], owner: str, to: str) -> None:
        """Give to another learner, who waits for them as well, the jobs of an owner that wait."""
        mine = (jobs.c.id.in_(list(job_ids)), jobs.c.status == "queued", jobs.c.owner == owner)
        self._db.change(update(jobs).where(*mine).values(owner=to))

    def trim_jobs(self, keep: int = KEPT_JOBS, results: int = KEPT_RESULTS) -> None:
        """Remove finished jobs but the newest, and the dials of those that are gone.

        What was measured of a model stands in its report and on the board, so there is a number of
        its own for it: a class that asks for odds and continuations does not push it out.
        """
        lasting = and_(jobs.c.status == "done", jobs.c.kind.in_(LASTING_KINDS))
        over = jobs.c.status.in_(("done", "failed"))
        with self._db.write() as connection:
            for most, these in ((keep, and_(over, not_(lasting))), (results, lasting)):
                newest_first = select(jobs.c.ended).where(these).order_by(jobs.c.ended.desc())
                oldest_kept = connection.scalar(newest_first.offset(most).limit(1))
                if oldest_kept is not None:
                    connection.execute(delete(jobs).where(these, jobs.c.ended <= oldest_kept))
            there = (select(table.c.id) for table in (jobs, runs))
            connection.execute(delete(dials).where(*(dials.c.run_id.not_in(ids) for ids in there)))

    def _job(self, row: Row[Any], question: Question[A]) -> Job[A]:
        """The job in this row. One that is lost or damaged has failed, and can be asked again."""
        status, error, answer, ended = row.status, row.error, None, row.ended
        try:
            if row.answer is not None:
                answer = question.read_answer(row.answer)
            created = msgspec.convert(row.created, float)
            ended = msgspec.convert(row.ended, float | None)
            if status not in _STATUSES or (status == "done" and answer is None):
                raise BadRequest("this is no job's state")
        except (BadRequest, msgspec.ValidationError) as problem:
            log.warning("job %s: %s", row.id, problem)
            status, error, answer, created = "failed", _DAMAGED, None, 0.0
            ended = ended if isinstance(ended, float) else None
        if status == "running" and not self._is_alive(row):
            status, error = "failed", _LOST
        return Job(row.id, question, status, answer, error, created, ended)

    def _is_alive(self, row: Row[Any]) -> bool:
        """Whether a worker that still lives computes this job."""
        return row.status == "running" and not self._watch.is_silent(row.id, row.worker, row.beats)

    # Workers

    def beat_worker(self, worker: str, queue: str) -> None:
        """Store a worker's sign of life; the first one adds the worker to the list."""
        with self._db.write() as connection:
            known = connection.execute(
                update(workers).where(workers.c.id == worker).values(beats=workers.c.beats + 1)
            ).rowcount
            if not known:
                here = {"host": platform.node(), "pid": token_pid(worker), "version": __version__}
                values = {"id": worker, "queue": queue, "started": self._clock(), **here}
                connection.execute(insert(workers).values(values))

    def remove_worker(self, worker: str) -> None:
        """Remove a worker that ends."""
        self._db.change(delete(workers).where(workers.c.id == worker))

    def forget_silent_workers(self) -> None:
        """Remove the workers that are dead; who was taken for dead comes back with a sign."""
        found = self._all_workers()
        if gone := [row.id for row in found if self._watch.is_silent(row.id, row.id, row.beats)]:
            self._db.change(delete(workers).where(workers.c.id.in_(gone)))

    def workers(self) -> list[WorkerRow]:
        """The workers that are alive."""
        found = self._all_workers()
        return [row for row in found if not self._watch.is_silent(row.id, row.id, row.beats)]

    def _all_workers(self) -> list[WorkerRow]:
        with self._db.read() as connection:
            return [WorkerRow(**row._mapping) for row in connection.execute(select(workers))]

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

    def class_answers(self, prefix: str) -> list[object]:
        """The answers of all learners whose keys begin with `prefix`, without whose they are."""
        query = select(answers.c.value).where(answers.c.key.startswith(prefix, autoescape=True))
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            with suppress(BadRequest):  # one that is damaged
                found.append(decode(row.value, object))
        return found

    def answers(self, owner: str) -> dict[str, object]:
        """All answers of one learner, by key."""
        query = select(answers.c.key, answers.c.value).where(answers.c.owner == owner)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        found: dict[str, object] = {}
        for row in rows:
            try:
                found[row.key] = decode(row.value, object)
            except BadRequest as problem:
                log.warning("the answer %s of %s is left out: %s", row.key, owner, problem)
        return found


def _died(job: Job[Any]) -> bool:
    """Whether the worker that computed this job has ended before it was done."""
    return job.error == _LOST


def _deaths_of(job_id: str) -> tuple[ColumnElement[bool], ...]:
    return dials.c.run_id == job_id, dials.c.name == DEATHS


def _count_death(connection: Connection, job_id: str) -> int:
    """Note that one more worker has ended over this job; returns how many that makes."""
    before = connection.scalar(select(dials.c.value).where(*_deaths_of(job_id)))
    deaths = 1 + int(before or 0)
    connection.execute(delete(dials).where(*_deaths_of(job_id)))
    connection.execute(insert(dials).values(run_id=job_id, name=DEATHS, value=deaths))
    return deaths

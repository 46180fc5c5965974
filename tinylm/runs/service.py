"""The object that pages and the terminal use to start runs, to steer them and to read them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tinylm import home as places
from tinylm.config import RunConfig, with_changes
from tinylm.corpora import check_text
from tinylm.corpora.sources.downloads import source
from tinylm.errors import BadRequest, NotFound
from tinylm.events import CurvePoint, EvalDone, Event
from tinylm.memory import check_memory
from tinylm.process import own_token
from tinylm.questions.base import A, Job, Question
from tinylm.questions.corpora import Download, Downloaded
from tinylm.runs.adopting import check_parent
from tinylm.runs.best import best_step
from tinylm.runs.cleaning import catch_up, folder_size, purge
from tinylm.runs.queue import Queue, Queues
from tinylm.runs.store import Store
from tinylm.runs.store.history import E, Told
from tinylm.runs.store.rows import RunRow, WorkerRow
from tinylm.runs.work import supervisor
from tinylm.runs.work.downloading import CANCEL, RECEIVED
from tinylm.runs.work.execute import (
    LR_FACTOR,
    Context,
    Engine,
    execute_job,
    execute_long,
    load_engine,
    run_claimed,
)

K = TypeVar("K")
Q = TypeVar("Q", bound=Question[Any])

LR_FACTORS = (0.0, 100.0)
MAX_QUEUED = 20  # runs that may wait at once


class Service:
    """The runs and jobs of one home folder. Thread-safe: make one per process and keep it.

    With `immediate`, every run and job is done at once in the calling thread, for tests of pages.
    Methods raise StorageError where the database cannot be used.
    """

    def __init__(
        self,
        home: Path,
        *,
        url: str = "",
        engine: Engine | None = None,
        immediate: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        places.make_home(home)
        self.home = home
        self.url = url or places.database_url(home)
        self.store = Store(self.url, clock=clock)
        self._engine = engine
        self.queues = Queues(home, self.url)
        if immediate:
            self.queues.run_inline(self._run_inline, self._job_inline)
        catch_up(home, self.store)

    # Runs: start and steer

    def start(self, config: RunConfig, title: str = "", owner: str = "") -> str:
        """Queue a new run and return its id.

        Raises BadRequest where the settings make no sense or too many runs wait already.
        """
        config = self._checked(config)
        self.check_memory(config)
        self._check_room(1)
        run_id = self.store.create_run(config, title, owner)
        self.queues.long.put(run_id)
        return run_id

    def start_pair(
        self, first: RunConfig, second: RunConfig, titles: tuple[str, str], owner: str = ""
    ) -> tuple[str, str]:
        """Queue two runs that belong together, or neither. Raises BadRequest, as `start` does."""
        second.check()  # before the first run is created
        check_text(second.corpus, self.home, second.text)
        self.check_memory(first, second)
        self._check_room(2)
        return self.start(first, titles[0], owner), self.start(second, titles[1], owner)

    def check_memory(self, *configs: RunConfig) -> None:
        """Raise BadRequest, with the numbers, where these runs together need more than is free.

        Nothing is known of workers that were started elsewhere.
        """
        if supervisor.wanted():
            check_memory(*configs)

    def pause(self, run_id: str) -> None:
        """Ask the run to save a checkpoint and free its worker; a queued run pauses at once."""
        self.store.wish(run_id, "pause")

    def single_step(self, run_id: str) -> None:
        """Ask for one more update, after which the run holds; a run at rest is resumed for it."""
        if self.store.single_step(run_id):
            self.queues.long.put(run_id)

    def set_lr_factor(self, run_id: str, factor: float) -> None:
        """Multiply the learning rates of the schedule by `factor`, within a moment from now on.

        Raises BadRequest for a factor outside LR_FACTORS, and NotFound.
        """
        low, high = LR_FACTORS
        if not low <= factor <= high:
            raise BadRequest(f"The learning rate can be multiplied by {low:g} to {high:g}.")
        self.store.turn(self.run(run_id).id, LR_FACTOR, factor)

    def lr_factor(self, run_id: str) -> float:
        """The factor by which the schedule's learning rates are multiplied; 1.0 unless changed."""
        return self.store.dial(run_id, LR_FACTOR, 1.0)

    def stop(self, run_id: str) -> None:
        """Ask the run to save a checkpoint and end early; it can still be resumed."""
        self.store.wish(run_id, "stop")

    def resume(self, run_id: str) -> None:
        """Queue a paused, stopped, failed or interrupted run again.

        The run continues from its last checkpoint, or from the beginning where it has none. For
        a run that is still active, a pause or stop that has not happened yet is taken back.
        """
        row = self.run(run_id)
        if row.resumable:
            self.check_memory(row.config)
        if self.store.wish(run_id, "run"):
            self.queues.long.put(run_id)

    def rename(self, run_id: str, title: str) -> None:
        self.store.rename(run_id, title)

    def delete(self, run_id: str) -> None:
        """Remove the run and its files; a running one stops first. Runs made from it are kept."""
        if self.store.delete_run(run_id):
            purge(self.home, self.store, run_id)

    def run_here(
        self,
        config: RunConfig,
        title: str = "",
        owner: str = "",
        on_event: Callable[[Event], None] | None = None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> RunRow:
        """Carry out a run in this process, for the terminal; pages show it and can pause it.

        `interrupted` is called between steps; once it returns True, the run saves a checkpoint
        and ends. Returns the run as it is at the end. Raises BadRequest.
        """
        config = self._checked(config)
        check_memory(config)
        context = self._context(interrupted)
        claim = self.store.create_claimed(config, title, owner, context.worker)
        run_claimed(context, claim, on_event)
        return self.store.run(claim.run_id)

    def resume_here(
        self,
        run_id: str,
        on_event: Callable[[Event], None] | None = None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> RunRow:
        """Go on with a run in this process, as `run_here` does; also with one that still waits.

        Raises NotFound, and BadRequest for a run that is done or that somebody works on.
        """
        row = self.run(run_id)
        if not row.resumable and row.status != "queued":
            raise BadRequest(f"The run {run_id!r} is {row.status}: there is nothing to resume.")
        check_memory(row.config)
        context = self._context(interrupted)
        self.store.wish(run_id, "run")
        claim = self.store.claim_run(run_id, context.worker)
        if claim is None:
            raise BadRequest(f"A worker has just taken the run {run_id!r}: watch it on its page.")
        run_claimed(context, claim, on_event)
        return self.store.run(run_id)

    # Runs: read

    def run(self, run_id: str) -> RunRow:
        """The run as it is now. Raises NotFound."""
        return self.store.run(run_id)

    def runs(
        self,
        kind: str | None = None,
        limit: int = 200,
        experiment: str | None = "",
        owner: str | None = None,
    ) -> list[RunRow]:
        """Runs, newest first, as `RunStore.runs` says; those of experiments only if asked for."""
        return self.store.runs(kind, limit, experiment, owner)

    def curve(self, run_id: str, max_points: int = 300) -> tuple[CurvePoint, ...]:
        """The curve of the training, as at most `max_points` points in the order of steps."""
        return self.store.curve(run_id, max_points)

    def evals(self, run_id: str) -> tuple[EvalDone, ...]:
        """The validations, in the order of steps."""
        return self.store.told(run_id).evals

    def latest(self, run_id: str, kind: type[E]) -> E | None:
        """The newest event of one kind; None where there is none."""
        return self.store.latest(run_id, kind)

    def told(self, run_id: str) -> Told:
        """All events that a page shows of a run, apart from its steps."""
        return self.store.told(run_id)

    def stage(self, run_id: str) -> str:
        """What the run is preparing at the moment, in words; "" once its steps have begun."""
        return self.store.stage(run_id)

    def checkpoints(self, run_id: str) -> list[int]:
        """The steps at which checkpoints were saved, in ascending order."""
        return self.store.checkpoints(run_id)

    def best_step(self, run_id: str) -> int | None:
        """The checkpoint that pages use unless told otherwise; None where nothing is saved yet.

        In pre-training it is the one with the best validation (tinylm/runs/best.py). What is held
        out of a task must not choose a model, so for a fine-tuning it is the last one.
        """
        saved = self.checkpoints(run_id)
        if not saved:
            return None
        told = self.told(run_id)
        if told.started is None or self.run(run_id).kind != "pretrain":
            return saved[-1]
        return best_step(saved, told.evals, told.started.val_tokens)

    def queue_position(self, run_id: str) -> int:
        """1 for the run that a worker takes next; 0 for a run that does not wait."""
        return self.store.queue_position(run_id)

    def run_dir(self, run_id: str) -> Path:
        return places.run_dir(self.home, self.store.run(run_id).id)

    def disk_usage(self, run_id: str = "") -> int:
        """Bytes of the files of one run, or of all runs where `run_id` is ""."""
        return folder_size(self.run_dir(run_id) if run_id else places.runs_dir(self.home))

    def workers(self) -> list[WorkerRow]:
        """The worker processes that are alive; without any, queued runs and jobs keep waiting."""
        return self.store.workers()

    # Questions

    def ask(self, question: Question[A], *, retry: bool = False) -> Job[A]:
        """The job of one question, with its answer once it is done: see `ask_all`."""
        return self.ask_all({"": question}, retry=retry)[""]

    def ask_all(
        self, questions: Mapping[K, Question[A]], *, wait: float = 0.0, retry: bool = False
    ) -> dict[K, Job[A]]:
        """The jobs of these questions, in the same order; those not asked before are queued.

        The same question has one answer, which all who ask it share. Known answers cost one
        database read and no write; all missing ones together cost one write. `wait` waits up to
        that many seconds for the answers. `retry` asks failed questions again at once; those
        that failed more than a minute ago are asked again in any case. Raises NotFound where a
        job is removed at this moment.
        """
        keys = {label: question.key() for label, question in questions.items()}
        jobs = self.store.jobs(questions.values())
        new = [
            question
            for label, question in questions.items()
            if (job := jobs.get(keys[label])) is None or self.store.is_stale(job, retry)
        ]
        deadline = time.monotonic() + wait
        if new:
            for question in self.store.request(new, retry=retry):
                self._queue_of(question).put(question.key(), question.priority)
            jobs |= self.store.jobs(new)
        while waiting := [job.question for job in jobs.values() if not job.over]:
            if time.monotonic() >= deadline:
                break
            threading.Event().wait(0.02)
            jobs |= self.store.jobs(waiting)
        try:
            return {label: jobs[key] for label, key in keys.items()}
        except KeyError:  # it was removed at this moment, together with its run
            raise NotFound("This question is no longer kept: ask it again.") from None

    def known(self, question: Question[A]) -> Job[A] | None:
        """The job of this question if it was asked before, else None; this does not ask it."""
        return self.known_all({"": question}).get("")

    def known_all(self, questions: Mapping[K, Question[A]]) -> dict[K, Job[A]]:
        """The jobs of those questions that were asked before, in one query; this asks none."""
        jobs = self.store.jobs(questions.values())
        keys = {label: question.key() for label, question in questions.items()}
        return {label: jobs[key] for label, key in keys.items() if key in jobs}

    def asked(self, kind: type[Q], run_id: str) -> list[Q]:
        """The questions of one kind that were answered about a run, by this version or another."""
        return self.store.asked(kind, run_id)

    def are_over(self, job_ids: Collection[str]) -> bool:
        """Whether at least one of these jobs is done, has failed, or was removed."""
        return self.store.are_over(job_ids)

    def take_back(self, job_ids: Iterable[str]) -> int:
        """Forget those jobs that still wait; returns their number. They can be asked for again."""
        return self.store.cancel_jobs(job_ids)

    def _queue_of(self, question: Question[A]) -> Queue:
        return self.queues.long if question.queue == "long" else self.queues.short

    # Downloads

    def download(self, corpus: str) -> None:
        """Ask a worker to download a text, unless one does already. Raises NotFound."""
        question = Download(source(corpus).info.name)
        for asked in self.store.request([question], anew=True):
            for name in (RECEIVED, CANCEL):
                self.store.turn(asked.key(), name, 0)
            self._queue_of(asked).put(asked.key(), asked.priority)

    def cancel_download(self, corpus: str) -> None:
        """Cancel a download, whether or not it has begun; nothing of it is kept."""
        key = Download(corpus).key()
        if not self.store.cancel_jobs([key]):
            self.store.turn(key, CANCEL, 1)

    def downloading(self, corpus: str) -> tuple[Job[Downloaded], int] | None:
        """The last download of a text and the bytes received so far; None where nobody asked."""
        job = self.known(Download(corpus))
        return None if job is None else (job, int(self.store.dial(job.id, RECEIVED)))

    # Learners' answers

    def set_answer(self, owner: str, key: str, value: object) -> None:
        """Keep a learner's answer; a later one under the same key replaces it."""
        self.store.set_answer(owner, key, value)

    def class_answers(self, prefix: str) -> list[object]:
        """The answers of all learners whose keys begin with `prefix`, without whose they are."""
        return self.store.class_answers(prefix)

    def answers(self, owner: str) -> dict[str, object]:
        """All answers of one learner, by key."""
        return self.store.answers(owner)

    def close(self) -> None:
        self.queues.close()
        self.store.close()

    # Inside

    def _checked(self, config: RunConfig) -> RunConfig:
        """The settings of a new run. Raises BadRequest where they make no sense."""
        config.check()
        check_parent(config, self.store)
        check_text(config.corpus, self.home, config.text)
        return self._from_best(config)

    def _from_best(self, config: RunConfig) -> RunConfig:
        """A fine-tuning that names no step begins at the best one, where that is not the last."""
        if config.kind != "finetune" or config.init != "base" or config.parent_step >= 0:
            return config
        best, saved = self.best_step(config.parent), self.checkpoints(config.parent)
        if best is None or best == saved[-1]:
            return config
        return with_changes(config, {"parent_step": best})

    def _check_room(self, number: int) -> None:
        if self.store.count_queued() + number > MAX_QUEUED:
            raise BadRequest(
                f"{MAX_QUEUED} runs are waiting already: let some finish, or stop some on the "
                "Runs page."
            )

    def _context(self, stopping: Callable[[], bool] = lambda: False) -> Context:
        engine = self._engine or load_engine()
        return Context(self.home, self.store, engine, self.queues, own_token(), stopping)

    def _run_inline(self, run_id: str) -> None:
        execute_long(self._context(), run_id)

    def _job_inline(self, job_id: str) -> None:
        execute_job(self._context(), job_id)

"""What a worker does with what it took from the store: it carries out the run or the job.

Only the worker writes the events of its run. It writes steps in small batches, and all other
events at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar, cast

import msgspec

from tinylm import logs, sharing
from tinylm.config import RunConfig
from tinylm.errors import StorageError, TinylmError
from tinylm.events import CheckpointDue, Event, RunEnded, StepDone
from tinylm.files import make_folder, remove_parts
from tinylm.home import run_dir
from tinylm.process import token_host, usable_cores
from tinylm.questions.base import A, Answer, Question
from tinylm.questions.corpora import Download
from tinylm.runs.cleaning import purge
from tinylm.runs.heartbeat import BEAT_EVERY, beating, refusals_logged
from tinylm.runs.store import Store
from tinylm.runs.store.history import LostClaim
from tinylm.runs.store.rows import Claim, Command, Wish
from tinylm.runs.work import downloading
from tinylm.runs.work.explaining import explain

FLUSH_EVERY = 0.3  # seconds between two writes of steps
LOOK_EVERY = 0.2  # seconds between two looks at what the run is asked to do
RETRY_EVERY = 0.2  # seconds between two attempts to write what a checkpoint rests on
HOLD_EVERY = 0.05  # seconds between looks while the run holds and awaits the next single step
HOLD_FOR = 300.0  # seconds for which a run holds before it is paused, so that others can run
HOLD_IN_CLASS = 60.0  # the same, counted over all steps, while runs of other learners wait
LR_FACTOR = "lr_factor"  # name of the dial that multiplies the learning rates of the schedule
PATIENCE = 60.0  # seconds for which events are kept in memory while the database refuses them

T = TypeVar("T")

log = logging.getLogger("tinylm.worker")


class Engine(Protocol):
    """The module that does the work: `tinylm.answers.engine`, or a substitute in tests."""

    def run(
        self,
        config: RunConfig,
        run_dir: Path,
        home: Path,
        *,
        resume: bool,
        control: Callable[[], Command],
        threads: Callable[[], int],
        lr_factor: Callable[[], float],
    ) -> Iterator[Event]: ...

    def answer(self, question: Question[A], home: Path) -> A: ...


def load_engine() -> Engine:
    """The real engine. It loads torch, so the server process never calls this."""
    import tinylm.answers.engine

    return cast(Engine, tinylm.answers.engine)


@dataclass(frozen=True)
class Context:
    """The folder in which a worker works, and the objects that it works with."""

    home: Path
    store: Store
    engine: Engine
    worker: str  # its process.own_token()
    stopping: Callable[[], bool] = lambda: False  # whether the process must end
    # Does work that only waits, and may return before it is done.
    aside: Callable[[Callable[[], None]], object] = lambda work: work()


def execute_run(context: Context, run_id: str) -> None:
    """Carry out a queued run; the id of a run that no longer waits is ignored."""
    claim = context.store.claim_run(run_id, context.worker)
    if claim is not None:
        run_claimed(context, claim)


def execute_next(context: Context) -> bool:
    """Carry out the run or the long job that comes next; returns whether there was one."""
    found = context.store.claim_next(context.worker)
    if isinstance(found, str):
        execute_claimed(context, found)
    elif found is not None and context.stopping():  # else it would end here, as interrupted
        context.store.put_back(found)
    elif found is not None:
        run_claimed(context, found)
    return found is not None


def execute_item(context: Context, item: str) -> None:
    """Carry out this run or this job."""
    if context.store.is_job(item):
        execute_job(context, item)
    else:
        execute_run(context, item)


def run_claimed(
    context: Context, claim: Claim, on_event: Callable[[Event], None] | None = None
) -> None:
    """Carry out a run that this worker has claimed, and store the status in which it ends."""
    with logs.about(run=claim.run_id):
        writer = RunWriter(context, claim, on_event)
        status, error, begun = "interrupted", "", time.monotonic()
        log.info("the run begins here")
        try:
            with beating(writer.beat):
                status, error = _train(context, claim, writer)
        finally:  # also after KeyboardInterrupt in the terminal
            _settle(context, claim, writer, status, error)
            seconds = round(time.monotonic() - begun, 1)
            found = {"status": status, "seconds": seconds, "lost": writer.lost}
            log.info("the run ends here: %s after %s s", status, seconds, extra=found)


def execute_job(context: Context, job_id: str) -> None:
    """Answer a question that waits; the id of a job that no longer waits is ignored."""
    if context.store.claim_job(job_id, context.worker):
        execute_claimed(context, job_id)


def execute_claimed(context: Context, job_id: str) -> None:
    """Keep the answer to the question of a job, or a sentence that says why there is none.

    A download may take minutes, so it is done aside, and other jobs need not wait for it.
    """
    try:
        question = context.store.job(job_id).question
    except TinylmError as problem:  # another version stored a question that this one cannot read
        context.store.finish_job(job_id, None, str(problem), worker=context.worker)
        return
    with logs.about(job=job_id, kind=question.kind, run=question.about):
        if isinstance(question, Download):
            fetch = partial(downloading.fetch, context, job_id, question)
            context.aside(logs.carried(lambda: _answer(context, job_id, fetch)))
        else:
            _answer(context, job_id, partial(_answer_here, context, question))


def _answer_here(context: Context, question: Question[A]) -> A:
    sharing.compare(context.home)
    return context.engine.answer(question, context.home)


def _answer(context: Context, job_id: str, work: Callable[[], Answer]) -> None:
    store = context.store
    answer, error, begun = None, "", time.monotonic()
    with beating(lambda: store.beat_job(job_id, context.worker)):
        try:
            answer = work()
        except Exception as problem:
            error = explain(problem, context.home, f"job-{job_id}")
    _insist(lambda: store.finish_job(job_id, answer, error, worker=context.worker))
    seconds, status = round(time.monotonic() - begun, 2), "failed" if error else "answered"
    log.info("%s in %s s", status, seconds, extra={"status": status, "seconds": seconds})


class RunWriter:
    """Writes the events of one run, and tells the training what the run is asked to do."""

    def __init__(
        self,
        context: Context,
        claim: Claim,
        on_event: Callable[[Event], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lost = False  # whether the run is no longer this worker's
        self._context = context
        self._claim = claim
        self._on_event = on_event
        self._clock = clock
        self._buffer: list[Event] = []
        self._flushed = self._looked = self._counted = -1e9
        self._refused: float | None = None  # when the database began to refuse; None: it accepts
        self._wish = Wish()
        self._step = 0
        self._held_for = 0.0  # seconds in all
        self._threads = 1
        self._lr_factor = 1.0

    def add(self, event: Event) -> None:
        """Take an event; steps may wait a moment in memory, all others are written at once."""
        if isinstance(event, RunEnded) and event.reason == "paused" and self.interrupted:
            event = msgspec.structs.replace(event, reason="interrupted")
        if isinstance(event, CheckpointDue):
            self._write_for_good()
            return
        self._step = event.step
        self._buffer.append(event)
        if self._on_event is not None:
            self._on_event(event)
        if not isinstance(event, StepDone) or self._clock() - self._flushed > FLUSH_EVERY:
            self.flush()

    def flush(self, patience: float = PATIENCE, durable: bool = False) -> None:
        """Write the events that are kept in memory.

        With `durable`, these and all earlier ones then outlive a loss of power. Raises
        StorageError once the database has refused them for `patience` seconds.
        """
        if self.lost or not (self._buffer or durable):
            return
        self._flushed = self._clock()
        try:
            self._context.store.add_events(
                self._claim.run_id, self._buffer, self._claim, durable=durable
            )
        except LostClaim:
            self.lost = True
        except StorageError:
            if self._refused is None:
                self._refused = self._clock()
            if self._clock() - self._refused >= patience:
                raise
        else:
            self._buffer.clear()
            self._refused = None

    def _write_for_good(self) -> None:
        """Write all events so that a checkpoint may rest on them; wait if the database refuses."""
        self.flush(durable=True)
        while self._refused is not None and not self.lost:
            threading.Event().wait(RETRY_EVERY)
            self.flush(durable=True)

    def control(self) -> Command:
        """What the training has to do next; it asks before every step.

        In single steps, this returns only when somebody asks for the next step; if nobody does
        so for HOLD_FOR seconds, it returns "pause". Where runs of other learners wait, a run may
        hold for HOLD_IN_CLASS seconds in all, or two learners could keep a class waiting.
        """
        held_since = begun = self._clock()
        asked, waited = -1e9, False
        self._look()
        while self._held():
            now = self._clock()
            self._held_for, begun = self._held_for + now - begun, now
            if now - held_since > HOLD_FOR or self._context.stopping():
                return "pause"
            if self._held_for > HOLD_IN_CLASS and now - asked > BEAT_EVERY:
                asked = now
                with refusals_logged():
                    # Twice: what has just come may find an empty place.
                    if (others := self._context.store.others_wait()) and waited:
                        return "pause"
                    waited = others
            self.flush()
            threading.Event().wait(HOLD_EVERY)
            self._looked = -1e9
            self._look()
        if self.lost:
            return "stop"
        return "pause" if self.interrupted else self._wish.command

    def _held(self) -> bool:
        step = self._wish.hold_at
        return step is not None and self._step >= step and not self.lost

    def _look(self) -> None:
        """Read from the store what the run is asked to do, at most once in LOOK_EVERY seconds."""
        if self.lost or self._clock() - self._looked <= LOOK_EVERY:
            return
        self._looked = self._clock()
        self._note(lambda: self._context.store.read_wish(self._claim))
        with refusals_logged():
            self._lr_factor = self._context.store.dial(self._claim.run_id, LR_FACTOR, 1.0)

    def lr_factor(self) -> float:
        """The factor by which the schedule's learning rates are multiplied at the moment."""
        return self._lr_factor

    @property
    def interrupted(self) -> bool:
        """Whether the run must pause only because the worker has to end."""
        return self._wish.command == "run" and self._context.stopping()

    def threads(self) -> int:
        """Threads this run should use now: its share of the cores, among the runs of this host."""
        if self._clock() - self._counted > 1.0:
            self._counted = self._clock()
            with refusals_logged():
                running = self._context.store.count_running(token_host(self._context.worker))
                self._threads = max(1, usable_cores() // max(1, running))
        return self._threads

    def beat(self) -> None:
        """Give a sign of life, also while no events are written."""
        self._note(lambda: self._context.store.beat(self._claim))

    def _note(self, look: Callable[[], Wish | None]) -> None:
        with refusals_logged():
            wish = look()
            if wish is None:
                self.lost = True
            else:
                self._wish = wish


def _train(context: Context, claim: Claim, writer: RunWriter) -> tuple[str, str]:
    """Train; returns the status in which the run ends and, if it failed, a sentence why."""
    from tinylm.training.checkpoints import CheckpointFolder  # here: the server need not load it

    reason = "interrupted"
    try:
        folder = run_dir(context.home, claim.run_id)
        make_folder(folder)
        remove_parts(folder)  # an earlier worker was killed while it wrote them
        sharing.compare(context.home)
        checkpoints = CheckpointFolder(str(folder / "checkpoints"))
        checkpoints.forget_unshared(context.store.checkpoints(claim.run_id))
        resume = bool(checkpoints.steps())
        events = context.engine.run(
            claim.config,
            folder,
            context.home,
            resume=resume,
            control=writer.control,
            threads=writer.threads,
            lr_factor=writer.lr_factor,
        )
        for event in events:
            writer.add(event)
            if writer.lost:  # save no checkpoint: the folder belongs to another worker now
                break
            if isinstance(event, RunEnded):
                reason = "done" if event.reason == "turned" else event.reason
        if reason == "paused" and writer.interrupted:
            reason = "interrupted"
    except Exception as problem:
        return "failed", explain(problem, context.home, claim.run_id)
    return reason, ""


def _settle(context: Context, claim: Claim, writer: RunWriter, status: str, error: str) -> None:
    if writer.lost:
        return
    try:
        _insist(lambda: writer.flush(patience=0.0))
        final = _insist(lambda: context.store.finish_run(claim, status, error))
    except StorageError as problem:  # the run will show as interrupted
        log.error("%s", problem)
        return
    if final == "deleted":
        purge(context.home, context.store, claim.run_id)


def _insist(action: Callable[[], T], tries: int = 5, pause: float = 1.0) -> T:
    """Do `action`, and try again where the database refuses. Raises the last StorageError."""
    for left in reversed(range(tries)):
        try:
            return action()
        except StorageError as error:
            if not left:
                raise
            log.warning("%s", error)
            threading.Event().wait(pause)
    raise AssertionError("unreachable")

"""A worker process: takes runs or short jobs from the store until it is asked to end.

    python -m tinylm worker [--queue long|short|both] [--parent PID]

It ends by itself when the process that started it is gone, so that nothing is left
behind; a run it works on is saved first, shows as interrupted, and can be resumed.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import click
from filelock import FileLock, Timeout

from tinylm import __version__, logs
from tinylm.errors import StorageError, TinylmError
from tinylm.home import database_url, home_dir, make_home
from tinylm.openmp import share_processors
from tinylm.process import is_alive, lower_priority, own_token, start_time
from tinylm.runs.cleaning import (
    OVERLAP,
    forget_gone,
    purge_deleted,
    share_runs,
    sweep,
    sweep_shared,
)
from tinylm.runs.heartbeat import BEAT_EVERY, refusals_logged
from tinylm.runs.store import Store
from tinylm.runs.work.aside import Threads, Work
from tinylm.runs.work.execute import (
    Context,
    Engine,
    execute_claimed,
    execute_next,
    load_engine,
)
from tinylm.speed import begin_to_compile

QUEUES = ("long", "short", "both")
LONG_EVERY = 0.25  # seconds between two looks at whether a run waits, where none did
SHORT_EVERY = 0.05  # the same for questions: a person waits for their answers
RETRY_EVERY = 2.0  # seconds between two looks at a database that refuses
TIDY_EVERY = 30.0  # seconds between two rounds of putting things in order
PATIENCE = 10.0  # seconds that a worker waits for a busy database
GRACE = 20.0  # seconds that a last checkpoint may take
SWITCH_EVERY = 0.0005  # seconds for which one of several busy threads keeps the interpreter

log = logging.getLogger("tinylm.worker")


class Worker:
    """One worker; `serve` works until `stop` is set or `orphaned` returns True."""

    def __init__(
        self,
        home: Path,
        queue: str,
        *,
        url: str = "",
        engine: Engine | None = None,
        stop: threading.Event | None = None,
        orphaned: Callable[[], bool] = lambda: False,
        poll: float = 0.5,
    ) -> None:
        make_home(home)
        url = url or database_url(home)
        self.home = home
        self.store = Store(url, patience=PATIENCE)
        self.stop = stop or threading.Event()
        self.token = own_token()
        self._queue = queue
        self._engine = engine
        self._orphaned = orphaned
        self._poll = poll
        self._beaten = self._tidied = -1e9
        self._looked = 0.0  # when this home was last told what others deleted, since 1970
        self._threads = Threads(self.stop.is_set)

    def serve(self) -> None:
        """Take items and work on them.

        Returns once the last one is done or saved, or after GRACE seconds.
        """
        self._care()
        engine = self._engine or load_engine()  # load it now, not when somebody already waits
        context = Context(
            self.home,
            self.store,
            engine,
            self.token,
            self.stop.is_set,
            self._threads.begin,
        )
        takers = []
        if self._queue in ("long", "both"):
            begin_to_compile()
            self._threads.begin(self._share_runs)
            takers.append(self._taker(partial(execute_next, context), LONG_EVERY))
        if self._queue in ("short", "both"):
            take = partial(self._threads.in_turn, partial(_take_question, context))
            takers.append(self._taker(take, SHORT_EVERY))
        try:
            while not self.stop.wait(self._poll) and not self._orphaned():
                self._care()
        finally:
            self.stop.set()
            self._say_goodbye(takers)

    def _taker(self, take: Callable[[], bool], every: float) -> threading.Thread:
        """A thread that takes up what waits, and looks again later where nothing did."""

        def loop() -> None:
            while not self.stop.is_set():
                pause = every
                try:
                    pause = 0.0 if take() else every
                except StorageError as error:
                    log.warning("%s", error)
                    pause = RETRY_EVERY
                except Exception:
                    log.exception("what waits could not be taken up")
                    pause = RETRY_EVERY
                self.stop.wait(pause)

        thread = threading.Thread(target=loop, name="taker", daemon=True)
        thread.start()
        return thread

    def _care(self) -> None:
        """Give a sign of life; now and then, also put things in order."""
        now = time.monotonic()
        with refusals_logged():
            if now - self._beaten >= BEAT_EVERY:
                self._beaten = now
                self.store.beat_worker(self.token, self._queue)
                if self._queue in ("long", "both"):
                    self._take_over()
            if now - self._tidied >= TIDY_EVERY:
                self._tidied = now
                self._tidy()

    def _take_over(self) -> None:
        for run_id in self.store.take_over():
            with logs.about(run=run_id):
                log.warning("its worker has died: the run goes on elsewhere")

    def _share_runs(self) -> None:
        with refusals_logged(), suppress(Timeout), FileLock(self.home / ".runs.lock", timeout=0):
            share_runs(self.home, self.store)
            sweep_shared()

    def _tidy(self) -> None:
        self.store.forget_silent_workers()
        forget_gone(self.home, self.store, self._looked)
        self._looked = self.store.now() - 2 * OVERLAP
        if self._queue in ("long", "both"):
            purge_deleted(self.home, self.store)
            sweep(self.home)
        if self._queue in ("short", "both"):
            self.store.trim_jobs()

    def _say_goodbye(self, takers: list[threading.Thread]) -> None:
        deadline = time.monotonic() + GRACE
        for thread in takers:
            thread.join(max(0.0, deadline - time.monotonic()))
        threads = takers + self._threads.alive()  # now that nobody takes up anything more
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with refusals_logged():
            self.store.put_back_jobs(self.token)  # else these would count as what ended a worker
            self.store.remove_worker(self.token)
        if not any(thread.is_alive() for thread in threads):
            self.store.close()


def _take_question(context: Context, least: int) -> tuple[Work, int] | None:
    """Claim the question that comes next: the work that it is, and its priority."""
    found = context.store.claim_question(context.worker, least)
    return None if found is None else (partial(_answer, context, found.job), found.priority)


def _answer(context: Context, job_id: str) -> None:
    with refusals_logged():
        execute_claimed(context, job_id)


def run_worker(
    home: Path,
    queue: str = "both",
    parent_pid: int | None = None,
    *,
    until_stdin_closes: bool = False,
    engine: Engine | None = None,
) -> int:
    """Make this process a worker, with low priority; returns the exit status.

    It ends on a signal or when the parent process has ended. With `until_stdin_closes` it also
    ends when its standard input closes, the only gentle way that works on Windows too.
    """
    logs.begin()
    lower_priority()
    share_processors()
    # A short answer needs the interpreter hundreds of times, and waits for it each time.
    sys.setswitchinterval(SWITCH_EVERY)
    stop = threading.Event()
    _stop_on_signals(stop)
    if until_stdin_closes:
        threading.Thread(target=_wait_for_eof, args=(stop,), daemon=True).start()
    try:
        orphaned = _orphan_check(parent_pid)
        worker = Worker(home, queue, engine=engine, stop=stop, orphaned=orphaned)
        log.info("worker %s of tinylm %s takes %s", worker.token, __version__, queue)
        worker.serve()
    except TinylmError as error:
        log.error("%s", error)
        return 1
    return 0


def command(engine: Engine | None = None) -> click.Command:
    """The command `worker`, for this module, for the terminal program, and for tests."""

    @click.command()
    @click.option(
        "--queue",
        type=click.Choice(QUEUES),
        default="both",
        show_default=True,
        help="What to work on.",
    )
    @click.option("--parent", type=int, metavar="PID", help="End when this process ends.")
    @click.option(
        "--home",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Where runs live.  [default: TINYLM_HOME]",
    )
    @click.option("--until-stdin-closes", is_flag=True, help="End when standard input closes.")
    def worker(queue: str, parent: int | None, home: Path | None, until_stdin_closes: bool) -> int:
        """Work on what the pages ask for."""
        folder = home.absolute() if home else home_dir()
        return run_worker(
            folder, queue, parent, until_stdin_closes=until_stdin_closes, engine=engine
        )

    return worker


def _orphan_check(parent_pid: int | None) -> Callable[[], bool]:
    if parent_pid is None:
        return lambda: False
    created = start_time(parent_pid)
    if created is None:
        return lambda: True
    return lambda: not is_alive(parent_pid, created)


def _stop_on_signals(stop: threading.Event) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: stop.set())


def _wait_for_eof(stop: threading.Event) -> None:
    try:
        while os.read(0, 1024):
            pass
    except OSError:
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(command().main(standalone_mode=False))

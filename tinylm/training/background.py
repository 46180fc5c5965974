"""Long preparations in a thread: meanwhile the run says how far it is, and heeds a wish to stop."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import TypeVar

from tinylm.errors import Cancelled
from tinylm.events import Preparing
from tinylm.logs import carried

HEARD_EVERY = 0.2  # seconds after which the caller hears again, if nothing new is reported
REPORT_EVERY = 0.5  # seconds between two reports of the same stage
THE_END = ""  # after the last report

T = TypeVar("T")


class Report:
    """What the work calls to say how far it is; it raises Cancelled if the caller gave up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.given_up = False
        self.sentences: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._clock = clock
        self._stage = ""
        self._last = 0.0

    def __call__(self, stage: str, progress: str = "") -> None:
        """The stage in words, and a figure where there is one; call it as often as you like."""
        if self.given_up:
            raise Cancelled("The run was paused or stopped while it was being prepared.")
        now = self._clock()
        if stage != self._stage or now - self._last >= REPORT_EVERY:
            self._stage, self._last = stage, now
            self.sentences.put(f"{stage}: {progress}" if progress else stage)


def in_background(
    step: int, stage: str, work: Callable[[Report], T]
) -> Generator[Preparing, None, T]:
    """Do `work` in a thread; yields what it last reported, several times a second.

    `stage` stands for what it does until it reports. The generator returns what the work returns,
    and raises what it raises. If it is closed before that, the next report ends the thread.
    """
    report = Report()
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work(report))
        except BaseException as error:
            done.set_exception(error)
        report.sentences.put(THE_END)

    threading.Thread(target=carried(run), name="background", daemon=True).start()
    try:
        while stage != THE_END:
            yield Preparing(step, stage)
            with contextlib.suppress(queue.Empty):
                stage = report.sentences.get(timeout=HEARD_EVERY)
    finally:
        report.given_up = True
    return done.result()

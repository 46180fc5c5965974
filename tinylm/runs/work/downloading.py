"""The job that downloads a text: it waits for the internet and hardly needs the processor.

It needs no engine, can be cancelled, and reports how many bytes it has received.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tinylm import sharing
from tinylm.corpora.sources import downloads
from tinylm.errors import Cancelled, StorageError
from tinylm.questions.corpora import Download, Downloaded

if TYPE_CHECKING:
    from tinylm.runs.work.execute import Context

RECEIVED, CANCEL = "received", "cancel"  # names of the dials of the job
LOOK_EVERY = 0.2  # seconds between two looks at the dials

log = logging.getLogger("tinylm.worker")


def fetch(context: Context, job_id: str, question: Download) -> Downloaded:
    """Download the text that the question asks for. Raises TinylmError."""
    store = context.store
    due = _now_and_then()
    received = 0

    def on_bytes(number: int) -> None:
        nonlocal received
        received = number

    def cancelled() -> bool:
        if context.stopping():
            raise Cancelled("The worker ended before the download was done: try again.")
        if not due():
            return False
        try:
            store.turn(job_id, RECEIVED, received)
            return store.dial(job_id, CANCEL) > 0
        except StorageError as error:  # a busy database is no reason to give up
            log.warning("a look at download %s was left out: %s", job_id, error)
            return False

    found = downloads.download(question.corpus, context.home, on_bytes, cancelled)
    sharing.compare(context.home)
    return Downloaded(found.name, received)


def _now_and_then(clock: Callable[[], float] = time.monotonic) -> Callable[[], bool]:
    """A function that returns True at its first call, then at most once in LOOK_EVERY seconds."""
    last = -1e9

    def due() -> bool:
        nonlocal last
        if clock() - last < LOOK_EVERY:
            return False
        last = clock()
        return True

    return due

"""The one job that waits for the internet and not for the processor: it downloads a text.

It needs no engine, can be cancelled, and says how far it is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tinylm.corpora.sources import downloads
from tinylm.errors import Cancelled, StorageError
from tinylm.questions.corpora import Download, Downloaded

if TYPE_CHECKING:
    from tinylm.runs.work.execute import Context

RECEIVED, CANCEL = "received", "cancel"  # dials of the job
LOOK_EVERY = 0.2  # seconds

log = logging.getLogger("tinylm.worker")


def fetch(context: Context, job_id: str, question: Download) -> Downloaded:
    """Download the text that is asked for. Raises TinylmError."""
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
        except StorageError as error:  # busy for a moment: no reason to throw the text away
            log.warning("a look at download %s was left out: %s", job_id, error)
            return False

    found = downloads.download(question.corpus, context.home, on_bytes, cancelled)
    return Downloaded(found.name, received)


def _now_and_then(clock: Callable[[], float] = time.monotonic) -> Callable[[], bool]:
    """True at first, and then when LOOK_EVERY has passed since the last time."""
    last = -1e9

    def due() -> bool:
        nonlocal last
        if clock() - last < LOOK_EVERY:
            return False
        last = clock()
        return True

    return due

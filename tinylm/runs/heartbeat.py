"""Signs of life: who works on a run or a question says so while the work takes long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tinylm import logs
from tinylm.errors import StorageError

BEAT_EVERY = 2.0  # seconds between two signs of life

log = logging.getLogger("tinylm.worker")


@contextmanager
def refusals_logged() -> Iterator[None]:
    """Leave out what the database refuses inside `with`, and only write its message to the log."""
    try:
        yield
    except StorageError as error:
        log.warning("%s", error)


@contextmanager
def beating(beat: Callable[[], object], every: float = BEAT_EVERY) -> Iterator[None]:
    """Call `beat` every `every` seconds from its own thread, even while the work takes long."""
    over = threading.Event()

    def loop() -> None:
        while not over.wait(every):
            with refusals_logged():
                beat()

    thread = threading.Thread(target=logs.carried(loop), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

"""The store: runs, their events and steps, short jobs, workers, learners' answers.

SQLAlchemy Core on one address: an SQLite file by default, PostgreSQL for a shared
installation. Thread-safe; several processes may use one database at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tinylm.runs.store.claims import Claims
from tinylm.runs.store.database import Database
from tinylm.runs.store.history import History
from tinylm.runs.store.jobs import JobStore
from tinylm.runs.store.runs import RunStore


class Store(RunStore, Claims, History, JobStore):
    """Everything that is kept, apart from checkpoints. Its methods raise StorageError.

    `clock` gives seconds since 1970; workers on several computers need clocks that agree
    within a few seconds.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._db = Database(url)
        self._clock = clock

    def close(self) -> None:
        """Give the connections back."""
        self._db.close()

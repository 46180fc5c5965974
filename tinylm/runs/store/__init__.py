"""The store: runs, their events and steps, jobs, workers, and learners' answers.

It uses SQLAlchemy Core on one database: an SQLite file by default, or PostgreSQL for a shared
installation. It is thread-safe, and several processes may use one database at once.
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
    """Everything that is kept in the database. Its methods raise StorageError.

    `clock` returns seconds since 1970. The clocks of computers that share a database must agree
    within a few seconds.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._db = Database(url)
        self._clock = clock

    def close(self) -> None:
        """Close the connections to the database."""
        self._db.close()

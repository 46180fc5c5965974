"""The store: runs, their events and steps, jobs, workers, learners and their answers.

It uses SQLAlchemy Core on one database: an SQLite file by default, or PostgreSQL for a shared
installation. It is thread-safe, and several processes may use one database at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tinylm.runs.store.belongings import Belongings
from tinylm.runs.store.classroom import Classroom
from tinylm.runs.store.database import PATIENCE, Database
from tinylm.runs.store.history import History
from tinylm.runs.store.jobs import JobStore
from tinylm.runs.store.line import Line
from tinylm.runs.store.people import People
from tinylm.runs.store.watch import Watch


class Store(Line, History, JobStore, People, Classroom, Belongings):
    """Everything that is kept in the database. Its methods raise StorageError.

    `clock` returns seconds since 1970, for people to read. What depends on how much time has passed
    uses `ticks`, seconds that no setting of the clock changes. Where another process writes to the
    database, a method waits for it up to `patience` seconds.
    """

    def __init__(
        self,
        url: str,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        self._db = Database(url, patience)
        self._clock = clock
        self._ticks = ticks
        self._watch = Watch(ticks)

    def close(self) -> None:
        """Close the connections to the database."""
        self._db.close()

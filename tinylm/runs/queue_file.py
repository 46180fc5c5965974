"""The file of the queues, which is made anew when it is damaged: the store knows what waits."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from huey import SqliteHuey
from huey.storage import SqliteStorage

# What SQLite says of a file that is none of its own, has been cut, or lacks the tables.
_DAMAGES = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_NOTADB,
)

log = logging.getLogger("tinylm.queue")


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is damaged, and not only busy, full or forbidden."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_NOTADB) & 0xFF in _DAMAGES


class QueueStorage(SqliteStorage):  # type: ignore[misc]
    """Messages in an SQLite file; `renewed` is called when the file is another than before."""

    _conn: sqlite3.Connection | None

    def __init__(self, name: str, renewed: Callable[[], None], **options: Any) -> None:
        self._renewed = renewed
        self._opened = 0  # the inode of the file that is open
        super().__init__(name, **options)

    @contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[sqlite3.Cursor]:
        """A cursor, as huey asks for it. After an error of a damaged file, the next is of a new."""
        if self._conn is not None:
            inode, size = self._look()
            if not size:
                self._set_aside("it is empty")
            elif inode != self._opened:  # another process made it anew
                self._begin_anew()
        try:
            with super().db(commit, close) as cursor:
                yield cursor
        except sqlite3.DatabaseError as error:
            if is_damage(error) or not self._look()[1]:
                self._set_aside(error)
            raise

    def close(self) -> bool:
        """As huey's, which looks before it locks: another thread may close in between."""
        with self.lock:
            if self._conn is None:
                return False
            self._conn.close()
            self._conn = None
            return True

    def _create_connection(self) -> sqlite3.Connection:
        self._opened = self._look()[0]  # now, too: the next line may fail
        connection: sqlite3.Connection = super()._create_connection()
        for statement in self.ddl:
            connection.execute(statement)
        self._opened = self._look()[0]
        return connection

    def _look(self) -> tuple[int, int]:
        """The inode and the size of the file that is there now."""
        try:
            found = os.stat(self.filename)
        except OSError:
            return 0, 0
        return found.st_ino, found.st_size

    def _set_aside(self, why: object) -> None:
        path = Path(self.filename)
        try:
            with FileLock(path.with_name(f".{path.name}.lock")):
                if path.exists() and self._opened in (0, self._look()[0]):
                    for ending in ("-wal", "-shm"):
                        path.with_name(path.name + ending).unlink(missing_ok=True)
                    path.replace(path.with_name(f"{path.name}.damaged"))
                    log.warning("%s was damaged (%s) and is now %s.damaged", path, why, path.name)
        except OSError as problem:
            log.warning("%s is damaged and cannot be replaced: %s", path, problem)
            return
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.close()  # the next use opens what is there then
        self._renewed()


class FileHuey(SqliteHuey):  # type: ignore[misc]
    """huey on such a file."""

    def get_storage(self, **options: Any) -> QueueStorage:
        return QueueStorage(self.name, **options)

"""The database behind the store: connections, transactions, and errors in plain words."""

from __future__ import annotations

import logging
import math
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Select,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from tinylm.errors import StorageError
from tinylm.runs.store import postgresql
from tinylm.runs.store.copies import Copy, back_up
from tinylm.runs.store.migrations import migrate
from tinylm.runs.store.tables import SCHEMA_VERSION, meta, metadata

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 1.5  # seconds that a transaction waits for other processes, unless told otherwise
IN_LINE = 10.0  # seconds at least that it waits for other threads of this process, which write soon
PREPARING = 60.0  # seconds that one process waits while another prepares the tables
BUSY = "The database is busy: try again in a moment."
LEAST_ROOM = 1_000_000  # bytes that must be free: SQLite writes a log before it changes its file

log = logging.getLogger("tinylm.store")


class Database:
    """Connections to one database; all use of it goes through `read` and `write`.

    A transaction that writes waits for other processes up to `patience` seconds. Before that, the
    threads of this one wait for each other, and for longer: a lock of Python's wakes one of them as
    soon as it is free. SQLite lets each look again after a while, so of thirty threads one could
    find it locked each time; and who holds it shares the interpreter with all who try.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._turn = threading.Lock()
        self._engine = self._reader = open_engine(url, patience)
        if self._engine.dialect.name == "postgresql":
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._shown = postgresql.shown(self._engine.url)
        try:
            self._prepare()
        except StorageError:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection for reading. Raises StorageError.

        All queries inside one `with` see the same state of the database.
        """
        with self._translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(
        self, patience: float | None = None, *, durable: bool = False
    ) -> Iterator[Connection]:
        """Open one transaction, of which all or nothing is stored. Raises StorageError.

        With `durable`, this transaction and all earlier ones outlive a loss of power.
        """
        seconds = self._patience if patience is None else patience
        with (
            self._my_turn(max(seconds, IN_LINE)),
            self._translated(),
            self._engine.connect() as plain,
        ):
            connection = plain.execution_options(tinylm_patience=seconds, tinylm_durable=durable)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    postgresql.begin_writing(connection, seconds, durable)
                yield connection

    @contextmanager
    def _my_turn(self, seconds: float) -> Iterator[None]:
        if not self._turn.acquire(timeout=seconds):
            raise StorageError(BUSY)
        try:
            yield
        finally:
            self._turn.release()

    def change(self, statement: Executable) -> int:
        """Carry out one statement in its own transaction; returns how many rows it affected."""
        with self.write() as connection:
            return int(connection.execute(statement).rowcount)

    def value(self, query: Select[T]) -> T | None:
        """The first column of the first row; None where there is no row."""
        with self.read() as connection:
            return connection.scalar(query)

    def column(self, query: Select[T]) -> list[T]:
        """The first column of all rows."""
        with self.read() as connection:
            return list(connection.scalars(query))

    def close(self) -> None:
        self._engine.dispose()

    def _prepare(self) -> None:
        """Create the tables, or migrate those of an earlier version, in one transaction.

        Another process that opens the database at the same moment waits until this is done.
        Raises StorageError, and then the database is as it was before.
        """
        copy: Copy | None = None
        try:
            with self.write(PREPARING) as connection:
                check_ours(connection, self._shown)
                meta.create(connection, checkfirst=True)
                found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
                if found is None:
                    connection.execute(insert(meta).values(key="schema", value=str(SCHEMA_VERSION)))
                elif found != str(SCHEMA_VERSION):
                    check_older(connection, found, self._shown)
                    copy = back_up(connection, found, self._shown)
                    self._migrate(connection, int(found))
                metadata.create_all(connection)
        except StorageError:
            if copy is not None:  # nothing was changed, so the copy is not needed
                copy.drop()
            raise
        if copy is not None:
            log.warning(
                "The database %s was brought from version %s to version %s. What it was before "
                "is kept in %s.",
                *(self._shown, found, SCHEMA_VERSION, copy.shown),
            )

    def _migrate(self, connection: Connection, found: int) -> None:
        try:
            migrate(connection, found)
        except (SQLAlchemyError, ValueError) as error:
            reason = sentence(error, self._shown)
            raise StorageError(
                f"The database could not be brought from version {found} to version "
                f"{SCHEMA_VERSION}, and is what it was before. {reason}"
            ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StorageError(sentence(error, self._shown)) from error


def check_ours(connection: Connection, shown: str) -> None:
    """Raise StorageError where the database holds tables of something else."""
    tables = set(inspect(connection).get_table_names())
    theirs = sorted(name for name in tables if not name.startswith("tinylm_"))
    if theirs and meta.name not in tables:
        raise StorageError(
            f"The database {shown} holds tables of another program ({theirs[0]}): give "
            "tinylm a database of its own."
        )


def check_older(connection: Connection, found: str, shown: str) -> None:
    """Raise StorageError where this version is none that can be brought to SCHEMA_VERSION."""
    if not found.isdigit() or int(found) not in range(1, SCHEMA_VERSION):
        other = "set TINYLM_HOME to another folder"
        if connection.dialect.name == "postgresql":
            other = "name another database in TINYLM_DATABASE"
        raise StorageError(
            f"The database {shown} is of version {found}, but this program reads version "
            f"{SCHEMA_VERSION}: use the tinylm that wrote it, or {other}."
        )


def twice(method: Callable[P, T]) -> Callable[P, T]:
    """Call `method` once more if another process inserted the same row at the same moment."""

    @wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except StorageError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            return method(*args, **kwargs)

    return wrapper


def finite(value: float | None) -> float | None:
    """The number, or None for NaN and infinity, which databases treat differently."""
    return value if value is not None and math.isfinite(value) else None


def open_engine(url: str, patience: float) -> Engine:
    """What connects to this address. Raises StorageError where it is none."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError(f"{parsed.get_backend_name()} is not supported")
        options: dict[str, Any] = {"pool_timeout": patience}
        if parsed.get_backend_name() == "sqlite":
            # To open and prepare a file costs more than to keep it open, so none is closed after a
            # rush. No network can break such a connection, so none is tested before its use.
            kept = {"pool_size": 40, "max_overflow": 0, "pool_use_lifo": True}
            options = options | kept if parsed.database else {}
            options |= {"connect_args": {"timeout": patience}}
        else:
            options |= {"pool_size": 10, "max_overflow": 30, "pool_pre_ping": True}
            options |= {"connect_args": postgresql.connect_options(patience)}
        engine = create_engine(parsed, **options)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StorageError(
            "TINYLM_DATABASE is not an address that tinylm understands: write "
            "postgresql://user:password@host/name, or leave it away for a file in TINYLM_HOME."
        ) from None  # the error may hold the password
    except ImportError as error:
        raise StorageError(
            'For PostgreSQL, first install its driver: pip install "psycopg[binary]".'
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # _begin_sqlite begins the transactions
    # Text whose bytes are damaged is not to keep others from being read.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    cursor = connection.cursor()
    # In WAL mode, readers do not wait for writers. The switch to it ignores busy_timeout.
    for attempt in range(100):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except connection.OperationalError as error:
            if "locked" not in str(error) or attempt == 99:
                raise
            threading.Event().wait(0.02)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and then writes must hold the lock from its start. Otherwise
    # SQLite refuses the write at once, without waiting, if another one has written in between.
    options = connection.get_execution_options()
    patience = options.get("tinylm_patience")
    if patience is None:
        connection.exec_driver_sql("BEGIN")
        return
    # FULL flushes the log at the commit, and with it all earlier ones; NORMAL flushes it later.
    safety = "FULL" if options.get("tinylm_durable") else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous={safety}")
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(1000 * patience)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _no_room(shown: str) -> bool:
    """Whether the disk of an SQLite file is full, which SQLite often calls an I/O error."""
    with suppress(OSError, ArgumentError):
        return shutil.disk_usage(Path(make_url(shown).database or "").parent).free < LEAST_ROOM
    return False


def sentence(error: Exception, shown: str) -> str:
    """What a person can do about an error of the database, which is `shown` by this name."""
    original = error.orig if isinstance(error, DBAPIError) else error
    text = str(original or error).strip()
    if type(original).__module__.startswith("psycopg"):
        known = postgresql.sentence(text, shown)
        if known is not None:
            return known
    lower = text.lower()
    if "full" in lower or "no space" in lower or ("disk i/o" in lower and _no_room(shown)):
        return "The disk is full: free some space, then try again."
    if "readonly" in lower or "read-only" in lower:
        return f"The database {shown} cannot be written: check the permissions of its folder."
    if "locked" in lower or "busy" in lower or "queuepool" in lower:
        return BUSY
    if "unable to open" in lower:
        return f"The database {shown} cannot be opened: check that its folder exists."
    if "malformed" in lower or "not a database" in lower:
        return (
            f"The database {shown} is damaged: move the file away to begin anew; checkpoints "
            "are not in it."
        )
    first_line = text.splitlines()[0][:200] if text else type(error).__name__
    return f"The database {shown} did not do what was asked ({first_line}): try again in a moment."

"""A look at a store that changes nothing: it makes no file and no table, and migrates nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from tinylm.errors import StorageError
from tinylm.runs.store import postgresql
from tinylm.runs.store.database import check_older, check_ours, open_engine, sentence
from tinylm.runs.store.rows import WorkerRow
from tinylm.runs.store.tables import SCHEMA_VERSION, meta, workers

PATIENCE = 3.0  # seconds


@dataclass(frozen=True)
class Look:
    """What was found: the version of the tables, 0 for none, and the workers that are listed."""

    version: int
    workers: tuple[WorkerRow, ...] = ()


def look(url: str) -> Look:
    """Look at the store at this address.

    Raises StorageError where it cannot be read, or is none that this program could use.
    """
    engine = open_engine(url, PATIENCE)
    shown = postgresql.shown(engine.url)
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        if not file.exists():
            return Look(0)
        engine = _only_read(file)
    try:
        with engine.connect() as connection:
            check_ours(connection, shown)
            if meta.name not in inspect(connection).get_table_names():
                return Look(0)
            found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema")) or ""
            if found != str(SCHEMA_VERSION):
                check_older(connection, found, shown)
                return Look(int(found))
            rows = connection.execute(select(workers)).all()
            return Look(SCHEMA_VERSION, tuple(WorkerRow(**row._mapping) for row in rows))
    except SQLAlchemyError as error:
        raise StorageError(sentence(error, shown)) from error
    finally:
        engine.dispose()


def _only_read(file: Path) -> Engine:
    """A file that nobody has open is read as one that cannot change; SQLite then makes no other."""
    in_use = file.with_name(f"{file.name}-wal").exists()
    address = f"{file.absolute().as_uri()}?mode=ro{'' if in_use else '&immutable=1'}"
    connect = partial(sqlite3.connect, address, uri=True, timeout=PATIENCE)
    return create_engine("sqlite://", creator=connect)

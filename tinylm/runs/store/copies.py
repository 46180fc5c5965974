"""The copy of a database that is made before its tables are changed, so that nobody loses by it.

An SQLite file is copied to a free name beside it. On a PostgreSQL server the tables are copied, in
the transaction that changes them, to a schema of their own; docs/scale.md says how either is put
back. Nothing deletes a copy but whoever runs the server, so `copies_at` tells where they still lie.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from tinylm.errors import StorageError
from tinylm.runs.store import postgresql
from tinylm.runs.store.tables import metadata

PATIENCE = 3.0  # seconds that a look for copies waits for a server
# What `_free_names` gives. SQLite keeps other files beside a copy that somebody has opened.
_NAME = re.compile(r"version-\d+-\d{4}-\d\d-\d\d(-\d+)?")
_SCHEMA = "tinylm-"  # begins the name of a schema with a copy


@dataclass(frozen=True)
class Copy:
    """A copy that was made: what it is called, and how it is dropped if nothing was changed."""

    shown: str
    drop: Callable[[], None]


def back_up(connection: Connection, found: str, shown: str) -> Copy:
    """Copy the database of version `found`, in which nothing was changed yet. Raises StorageError.

    `shown` is the address of the database for people to read.
    """
    names = _free_names(f"version-{found}-{date.today()}")
    if connection.dialect.name == "postgresql":
        return _copy_tables(connection, names, shown)
    return _copy_file(connection, names, shown)


def copies_at(url: str) -> list[str]:
    """Where copies of earlier versions of this database lie, each in words for people to read.

    A copy holds what the database held then, also what was deleted since. Raises StorageError where
    a server cannot be asked.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(str(parsed.database))
        beside = file.parent.iterdir() if file.parent.is_dir() else ()
        return sorted(
            str(one)
            for one in beside
            if one.name.startswith(f"{file.name}.")
            and _NAME.fullmatch(one.name.removeprefix(f"{file.name}."))
        )
    engine = create_engine(parsed, connect_args=postgresql.connect_options(PATIENCE))
    try:
        with engine.connect() as connection:
            schemas = inspect(connection).get_schema_names()
    except SQLAlchemyError as error:
        reason, shown = _reason(error), postgresql.shown(parsed)
        raise StorageError(
            postgresql.sentence(reason, shown)
            or f"The database {shown} cannot be asked for copies ({reason}): try again in a moment."
        ) from error
    finally:
        engine.dispose()
    return [
        _schema_shown(name)
        for name in sorted(schemas)
        if name.startswith(_SCHEMA) and _NAME.fullmatch(name.removeprefix(_SCHEMA))
    ]


def _schema_shown(name: str) -> str:
    return f"the schema {name} of the same database"


def _free_names(first: str) -> Iterator[str]:
    yield first
    yield from (f"{first}-{number}" for number in count(2))


def _copy_file(connection: Connection, names: Iterator[str], shown: str) -> Copy:
    no_copy = (
        f"The database {shown} is of an earlier version, and a copy of it could not be made "
        "before it is changed ({}): free some space on the disk or check the permissions of its "
        "folder."
    )
    file = Path(str(connection.engine.url.database))
    for name in names:
        copy = file.with_name(f"{file.name}.{name}")
        try:
            copy.open("xb").close()
            shutil.copymode(file, copy)  # who may not read the one may not read the other
            break
        except FileExistsError:
            continue
        except OSError as error:
            raise StorageError(no_copy.format(error)) from error
    # The transaction has only read so far, and another connection sees the same.
    source = connection.engine.raw_connection()
    try:
        with closing(sqlite3.connect(copy)) as target:
            cast(sqlite3.Connection, source.driver_connection).backup(target)
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        raise StorageError(no_copy.format(error)) from error
    finally:
        source.close()
    return Copy(str(copy), lambda: copy.unlink(missing_ok=True))


def _copy_tables(connection: Connection, names: Iterator[str], shown: str) -> Copy:
    """Copy the tables to a schema, with their keys and counters, as they would be used."""
    looking = inspect(connection)
    taken, present = set(looking.get_schema_names()), set(looking.get_table_names())
    schema = next(name for name in map(f"{_SCHEMA}{{}}".format, names) if name not in taken)
    here = str(connection.scalar(text("SELECT current_schema()")))
    try:
        connection.execute(text(f'CREATE SCHEMA "{schema}"'))
        for table in sorted(present & {"tinylm_meta", *metadata.tables}):
            old, new = f'"{here}".{table}', f'"{schema}".{table}'
            connection.execute(text(f"CREATE TABLE {new} (LIKE {old} INCLUDING ALL)"))
            connection.execute(text(f"INSERT INTO {new} SELECT * FROM {old}"))
            for column in looking.get_columns(table):
                if "nextval" in str(column["default"]):
                    _count_alone(connection, schema, table, column["name"])
    except SQLAlchemyError as error:
        raise StorageError(
            f"The database {shown} is of an earlier version, and its tables could not be copied "
            f"before they are changed ({_reason(error)}): allow this user to create schemas (GRANT "
            "CREATE ON DATABASE), or free some space on the disk of the server."
        ) from error
    return Copy(_schema_shown(schema), lambda: None)


def _reason(error: SQLAlchemyError) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(original).strip().partition("\n")[0][:200]


def _count_alone(connection: Connection, schema: str, table: str, column: str) -> None:
    """Give a copied column a counter of its own: that of the original goes with the original."""
    counter = f'"{schema}".{table}_{column}_seq'
    copied = f'"{schema}".{table}'
    for statement in (
        f"CREATE SEQUENCE {counter} OWNED BY {copied}.{column}",
        f"SELECT setval('{counter}', (SELECT coalesce(max({column}), 0) + 1 FROM {copied}), false)",
        f"ALTER TABLE {copied} ALTER {column} SET DEFAULT nextval('{counter}')",
    ):
        connection.execute(text(statement))

"""Changes the tables of an earlier version into today's, in one transaction of the caller."""

from __future__ import annotations

import math
from contextlib import suppress

from sqlalchemy import Connection, Integer, cast, delete, func, select, text, update

from tinylm.codec import decode, encode
from tinylm.errors import BadRequest
from tinylm.learners import name_of
from tinylm.runs.store.tables import (
    SCHEMA_VERSION,
    answers,
    dials,
    events,
    jobs,
    meta,
    runs,
    workers,
)


def migrate(connection: Connection, found: int) -> None:
    """Bring a database of version `found` to SCHEMA_VERSION; the caller adds missing tables."""
    for version in range(found, SCHEMA_VERSION):
        _STEPS[version](connection)
    version_now = update(meta).where(meta.c.key == "schema")
    connection.execute(version_now.values(value=str(SCHEMA_VERSION)))


def _to_version_2(connection: Connection) -> None:
    """Change version 1 to version 2.

    The table of jobs has other columns now; the old one is dropped, since answers can be computed
    again. A wish like "to120" becomes the wish "run" and the step to hold at. In events, version 1
    stored NaN and infinity as null; all of them become NaN, as they can no longer be told apart.
    """
    jobs.drop(connection)
    connection.execute(delete(dials).where(dials.c.run_id.not_in(select(runs.c.id))))
    connection.execute(text("ALTER TABLE runs ADD COLUMN hold_at INTEGER"))
    step = cast(func.substr(runs.c.wish, 3), Integer)
    held = update(runs).where(runs.c.wish.startswith("to"))
    connection.execute(held.values(wish="run", hold_at=step))
    nulls = select(events.c.seq, events.c.payload).where(events.c.payload.contains("null"))
    for seq, payload in connection.execute(nulls).all():
        with suppress(BadRequest):  # what is damaged stays as it is
            told = encode(_without_null(decode(payload, object)))
            connection.execute(update(events).where(events.c.seq == seq).values(payload=told))


def _without_null(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return math.nan if value is None else value


def _to_version_3(connection: Connection) -> None:
    """Change version 2 to version 3.

    Signs of life are counted, because times of two clocks cannot be compared. The tables of jobs
    and of workers are dropped: changed code answers anew, and workers make themselves known.
    """
    jobs.drop(connection, checkfirst=True)
    workers.drop(connection, checkfirst=True)
    connection.execute(text("ALTER TABLE runs ADD COLUMN beats INTEGER NOT NULL DEFAULT 0"))
    connection.execute(text("ALTER TABLE runs DROP COLUMN heartbeat"))


def _to_version_4(connection: Connection) -> None:
    """Change version 3 to version 4: runs that belong to an experiment are marked."""
    added = "ALTER TABLE runs ADD COLUMN experiment VARCHAR(80) DEFAULT '' NOT NULL"
    connection.execute(text(added))


def _to_version_5(connection: Connection) -> None:
    """Change version 4 to version 5: in place of a learner's code stands the name made from it."""
    for table in (runs, answers):
        for owner in connection.scalars(select(table.c.owner).distinct()).all():
            if name := name_of(owner):
                mine = update(table).where(table.c.owner == owner)
                connection.execute(mine.values(owner=name))


def _to_version_6(connection: Connection) -> None:
    """Change version 5 to version 6.

    A job names who asked for it. The table of jobs is dropped: changed code answers anew. What
    waits stands in the store alone, so the tables of the queue are dropped as well.
    """
    jobs.drop(connection, checkfirst=True)
    for name in ("task", "schedule", "kv", "counter"):
        connection.execute(text(f"DROP TABLE IF EXISTS tinylm_queue_{name}"))


def _to_version_7(connection: Connection) -> None:
    """Change version 6 to version 7: a worker says of which version it is, at its next sign."""
    workers.drop(connection, checkfirst=True)


_STEPS = {
    1: _to_version_2,
    2: _to_version_3,
    3: _to_version_4,
    4: _to_version_5,
    5: _to_version_6,
    6: _to_version_7,
}

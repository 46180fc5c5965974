"""How the tables of an earlier version become today's, in the transaction of whoever opens them."""

from __future__ import annotations

import json
import math

from sqlalchemy import Connection, Integer, cast, delete, func, select, text, update

from tinylm.codec import encode
from tinylm.runs.store.tables import SCHEMA_VERSION, dials, events, jobs, meta, runs


def migrate(connection: Connection, found: int) -> None:
    """Change a database of version `found`; tables that are missing are made afterwards."""
    for version in range(found, SCHEMA_VERSION):
        _STEPS[version](connection)
    version_now = update(meta).where(meta.c.key == "schema")
    connection.execute(version_now.values(value=str(SCHEMA_VERSION)))


def _to_version_2(connection: Connection) -> None:
    """Short jobs have other columns: what they found can be computed again.

    A wish "to120" becomes the wish to run and the step to hold at. Numbers of events that were not
    finite stood there as null: which of them they were is not known any more.
    """
    jobs.drop(connection)
    connection.execute(delete(dials).where(dials.c.run_id.not_in(select(runs.c.id))))
    connection.execute(text("ALTER TABLE runs ADD COLUMN hold_at INTEGER"))
    step = cast(func.substr(runs.c.wish, 3), Integer)
    held = update(runs).where(runs.c.wish.startswith("to"))
    connection.execute(held.values(wish="run", hold_at=step))
    nulls = select(events.c.seq, events.c.payload).where(events.c.payload.contains("null"))
    for seq, payload in connection.execute(nulls).all():
        told = encode(_without_null(json.loads(payload)))
        connection.execute(update(events).where(events.c.seq == seq).values(payload=told))


def _without_null(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return math.nan if value is None else value


_STEPS = {1: _to_version_2}

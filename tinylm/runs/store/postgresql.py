"""What differs where the store is a PostgreSQL server: how a connection waits, and what fails.

A transaction that writes first takes one lock, so that writes follow each other as they do in an
SQLite file: what it reads is still so when it changes it. It is not flushed to the disk before it
is over, apart from those that are to be durable, with which all earlier ones are flushed.
"""

from __future__ import annotations

import math
import re
from typing import Any

from sqlalchemy import URL, Connection, func, select

WRITING = 7_405_911  # a number of our own for the lock that every writing transaction holds
GONE_AFTER = 15  # seconds without an answer after which a server's host counts as gone

# What the server or its driver says, and what to do.
_SENTENCES = {
    r"password|authentication|pg_hba|no pg_hba": (
        "The server of {} refuses this user or password: write both into TINYLM_DATABASE as "
        "postgresql://user:password@host/name."
    ),
    r'role ".*" does not exist': (
        "The server of {} does not know this user: create it, or name another in TINYLM_DATABASE."
    ),
    r'database ".*" does not exist': (
        "There is no database {}: create it (createdb), or name another in TINYLM_DATABASE."
    ),
    r"too many clients|connection slots": (
        "The server of {} has no free connection: raise its max_connections, or start fewer "
        "workers."
    ),
    r"starting up|shutting down|in recovery": (
        "The server of {} is just starting or ending: try again in a moment."
    ),
    r"permission denied": (
        "This user may not use the database {}: make it the owner of the database, or name another "
        "user in TINYLM_DATABASE."
    ),
    r"read-only transaction": (
        "The database {} cannot be written, since this server only reads along: name the main "
        "server in TINYLM_DATABASE."
    ),
    r"lock timeout": "The database is busy: try again in a moment.",
    r"could not extend|no space left|disk full": (
        "The disk of the database's server is full: free some space there, then try again."
    ),
    r"terminat|connection (is )?(closed|lost)|closed the connection|broken|reset by peer": (
        "The connection to the database {} was lost: try again in a moment."
    ),
    r"refused|timeout|timed out|resolve|translate|no such file|unreachable|no route|failed": (
        "The database {} cannot be reached: check that its server runs, and the address in "
        "TINYLM_DATABASE."
    ),
}


def connect_options(patience: float) -> dict[str, Any]:
    """Arguments for the driver, so that nobody waits for minutes for a server that is gone."""
    return {
        "connect_timeout": max(2, math.ceil(patience)),
        "keepalives_idle": GONE_AFTER,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 1000 * GONE_AFTER,
        "application_name": "tinylm",
        # A server that was set up without a locale names no encoding, and would answer with bytes.
        "client_encoding": "utf8",
    }


def begin_writing(connection: Connection, patience: float, durable: bool) -> None:
    """Take the lock, at most `patience` seconds after now, in a transaction that has begun."""
    connection.execute(
        select(
            func.set_config("lock_timeout", str(int(1000 * patience)), True),
            func.set_config("synchronous_commit", "on" if durable else "off", True),
            func.pg_advisory_xact_lock(WRITING),
        )
    )


def shown(url: URL) -> str:
    """The address for people to read: without a password, and without options that may hold one."""
    return url.set(query={}).render_as_string(hide_password=True)


def sentence(text: str, address: str) -> str | None:
    """What to do about this message of the driver; None for one that is not known."""
    for pattern, found in _SENTENCES.items():
        if re.search(pattern, text, re.IGNORECASE):
            return found.format(address)
    return None

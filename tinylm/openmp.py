"""How idle threads wait for each other.

This must be set before torch is loaded, because OpenMP reads it only once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

# How many rounds an idle OpenMP thread spins before it sleeps. By default it spins so long that
# a second busy program on two cores makes training several times slower. This smaller number
# costs little when nothing else runs (docs/measurements.md).
SPIN_COUNT = "3000"
SPIN_SETTING = "GOMP_SPINCOUNT"


def share_processors() -> None:
    """Let torch's threads give way to other programs; what the user has set is kept."""
    os.environ.setdefault(SPIN_SETTING, SPIN_COUNT)


@contextlib.contextmanager
def not_sharing() -> Iterator[None]:
    """Let programs that start inside `with` use OpenMP's default; what the user has set is kept."""
    ours = os.environ.get(SPIN_SETTING) == SPIN_COUNT
    if ours:
        del os.environ[SPIN_SETTING]
    try:
        yield
    finally:
        if ours:
            os.environ[SPIN_SETTING] = SPIN_COUNT

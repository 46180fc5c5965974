"""How threads wait for each other: set before torch is loaded, which reads it once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

# Rounds an idle thread of OpenMP spins before it sleeps. The default spins so long that a
# second busy program on two cores makes training several times slower; so few rounds cost a
# quiet machine little (docs/measurements.md).
SPIN_COUNT = "3000"
SPIN_SETTING = "GOMP_SPINCOUNT"


def share_processors() -> None:
    """Let torch's threads give way to other programs; a setting of the user's own stays."""
    os.environ.setdefault(SPIN_SETTING, SPIN_COUNT)


@contextlib.contextmanager
def not_sharing() -> Iterator[None]:
    """Programs begun meanwhile wait as OpenMP does by itself; a setting of the user's own stays."""
    ours = os.environ.get(SPIN_SETTING) == SPIN_COUNT
    if ours:
        del os.environ[SPIN_SETTING]
    try:
        yield
    finally:
        if ours:
            os.environ[SPIN_SETTING] = SPIN_COUNT

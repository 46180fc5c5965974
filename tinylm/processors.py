"""How threads wait for each other: set before torch is loaded, which reads it once."""

from __future__ import annotations

import os

# Rounds an idle thread of OpenMP spins before it sleeps. The default spins so long that a
# second busy program on two cores makes training several times slower; so few rounds cost a
# quiet machine little (docs/measurements.md).
SPIN_COUNT = "3000"


def share_processors() -> None:
    """Let torch's threads give way to other programs; a setting of the user's own stays."""
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)

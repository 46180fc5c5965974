"""Tells living workers from dead ones without comparing clocks.

Each sign of life adds one to a counter in the store. Whoever reads the store measures, with a clock
that nobody can set, for how long it has seen no change. A reader that has only just begun knows
nothing yet and takes a worker for alive, unless its process has ended on this computer.
"""

from __future__ import annotations

from collections.abc import Callable

from tinylm.process import is_gone
from tinylm.runs.store.history import Recent

STALE_AFTER = 15.0  # seconds without a sign of life after which a worker counts as dead
WATCHED = 1_000  # counters that are kept in mind


class Watch:
    """What one process has seen of the counters in a store; `ticks` gives seconds."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._seen: Recent[tuple[int, float]] = Recent(WATCHED)  # a counter, and since when

    def is_silent(self, what: str, worker: str, beats: int) -> bool:
        """Whether nobody works on `what` any more: a run, a job, or a worker itself."""
        now = self._ticks()
        seen = self._seen.get(what)
        if seen is None or seen[0] != beats:
            self._seen.put(what, (beats, now))
            seen = beats, now
        return now - seen[1] > STALE_AFTER or is_gone(str(worker))

"""The most memory that a process has used."""

from __future__ import annotations

import sys

import psutil


def peak_memory() -> float:
    """The most megabytes this process has used; on Windows, the megabytes it uses now."""
    try:
        import resource
    except ImportError:  # Windows
        return float(psutil.Process().memory_info().rss / 1e6)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6

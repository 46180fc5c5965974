"""One input that once failed, and what it must give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """What an input gave."""

    ok: bool  # whether it is as wanted
    shown: str  # what came out, in a line
    seconds: float  # of processor where a process of its own did it, else by the clock
    megabytes: float = 0.0  # the most that process had; 0 where there was none


@dataclass(frozen=True)
class Row:
    """An input by its name; `run` is told the folder of the files that are kept as such inputs."""

    name: str
    wanted: str
    run: Callable[[Path], Seen]

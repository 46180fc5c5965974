"""One kind of input that is tried at random, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random


@dataclass(frozen=True)
class Target:
    """A kind of input by its name.

    `try_one` makes one input and uses it as the program does; it is told a folder that it may use.
    It returns a word for what came of it, such as "read" or "refused". What it raises is a fault.
    """

    name: str
    try_one: Callable[[Random, Path], str]
    memory: int = 1_000_000_000  # bytes, of the process that tries inputs

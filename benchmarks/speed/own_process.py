"""Works that are timed side by side without sharing a process.

What one side does to its process - how freed memory is kept, how threads wait - is no help and no
handicap to the other.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks.speed.memory import peak_memory

_WORKS: dict[str, Callable[[], object]] = {}  # of the process that works


class Apart:
    """A process of its own that does works by name."""

    def __init__(self, begin: Callable[[int], None], threads: int):
        """`begin` sets the process up for so many threads."""
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, context, initializer=begin, initargs=(threads,))
        self._pool.submit(int).result()  # it begins now

    def work(self, name: str, prepare: Callable[..., Callable[[], object]], *inputs: Any) -> Any:
        """A function that does there what `prepare(*inputs)` returns, as often as it is called.

        Raises what `prepare` raises.
        """
        self._pool.submit(_prepare, name, prepare, inputs).result()
        return lambda: self._pool.submit(_do, name).result()

    def peak_memory(self) -> float:
        """The most megabytes the process had so far."""
        return self._pool.submit(peak_memory).result()

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _prepare(name: str, prepare: Callable[..., Callable[[], object]], inputs: Any) -> None:
    _WORKS[name] = prepare(*inputs)


def _do(name: str) -> None:
    _WORKS[name]()

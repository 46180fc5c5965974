"""Runs pieces of work that are timed side by side in separate processes.

So what one side sets in its process - how freed memory is kept, how threads wait - neither helps
nor slows the other.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks.speed.memory import peak_memory

_WORKS: dict[str, Callable[[], object]] = {}  # of the process that works


class Apart:
    """A separate process that does pieces of work by name."""

    def __init__(self, begin: Callable[[int], None], threads: int):
        """Start the process. There `begin(threads)` is called first."""
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, context, initializer=begin, initargs=(threads,))
        self._pool.submit(int).result()  # it begins now

    def work(self, name: str, prepare: Callable[..., Callable[[], object]], *inputs: Any) -> Any:
        """A function that, at each call, runs in that process what `prepare(*inputs)` returned.

        Raises what `prepare` raises.
        """
        self._pool.submit(_prepare, name, prepare, inputs).result()
        return lambda: self._pool.submit(_do, name).result()

    def peak_memory(self) -> float:
        """The most megabytes that the process has used so far."""
        return self._pool.submit(peak_memory).result()

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _prepare(name: str, prepare: Callable[..., Callable[[], object]], inputs: Any) -> None:
    _WORKS[name] = prepare(*inputs)


def _do(name: str) -> None:
    _WORKS[name]()

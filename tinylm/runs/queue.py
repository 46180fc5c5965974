"""Where work is handed over. Workers find it in the store; tests of pages do it at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tinylm import sharing

Handler = Callable[[str], None]


class Queue:
    """A way for the ids of runs and jobs, which the store has, to those who do the work."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._handler: Handler | None = None

    def announce(self) -> None:
        """Take to the shared place what the next item needs, before anybody can find the item."""
        if self._handler is None:
            sharing.announce(self._home)

    def put(self, item: str, priority: int = 0) -> None:
        """The item waits in the store now: a worker finds it there, unless it is done at once."""
        if self._handler is not None:
            self._handler(item)

    def do_at_once(self, handler: Handler) -> None:
        """From now on do the work in the thread that hands it over."""
        self._handler = handler


class Queues:
    """The two of one home: `long` for runs, `short` for what a person waits for."""

    def __init__(self, home: Path, url: str = "") -> None:
        self.long = Queue(home)
        self.short = Queue(home)

    def run_inline(self, long: Handler, short: Handler) -> None:
        self.long.do_at_once(long)
        self.short.do_at_once(short)

    def close(self) -> None:
        pass

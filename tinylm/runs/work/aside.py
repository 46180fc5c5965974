"""The threads in which a worker answers questions, so that a long one holds up nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable

MOMENT = 0.5  # seconds that a question may hold up the next one
AT_ONCE = 4  # questions that a worker answers at the same time: each needs memory of its own
LOOK_EVERY = 0.2  # seconds between two looks at whether the worker has to end

Work = Callable[[], object]


class Threads:
    """Each piece of work gets a thread; `stopping` says when no more may be begun."""

    def __init__(self, stopping: Callable[[], bool], moment: float = MOMENT) -> None:
        self._stopping = stopping
        self._moment = moment
        self._places = threading.Semaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def begin(self, work: Work) -> threading.Thread:
        """Begin to work and return at once."""
        thread = threading.Thread(target=work, name="aside", daemon=True)
        thread.start()
        with self._lock:
            self._threads = [*self.alive(), thread]
        return thread

    def in_turn(self, work: Work) -> None:
        """Return when the work is done, or goes on and has taken longer than a moment.

        At most AT_ONCE of these go on at a time; where there are so many, the next one waits.
        """
        while not self._places.acquire(timeout=LOOK_EVERY):
            if self._stopping():
                return

        def then_give_way() -> None:
            try:
                if not self._stopping():
                    work()
            finally:
                self._places.release()

        self.begin(then_give_way).join(self._moment)

    def alive(self) -> list[threading.Thread]:
        """The threads whose work is not done."""
        return [thread for thread in self._threads if thread.is_alive()]

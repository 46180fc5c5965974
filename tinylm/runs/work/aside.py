"""The threads in which a worker answers questions, so that a long one holds up nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tinylm.runs.store.line import ANY_PRIORITY, DRAWN_AT_ONCE, PERSON_WAITS

MOMENT = 0.5  # seconds that a question may hold up the next one
AT_ONCE = 6  # questions that a worker answers at the same time: each needs memory of its own
PATIENT = 4  # of these, so many may be such as are asked by the dozen, or take long
# Questions of a lower priority than the first number may hold so many places together as the second
# says. So the last place is for what is drawn at once, even where all others are slow.
LIMITS = ((PERSON_WAITS, PATIENT), (DRAWN_AT_ONCE, AT_ONCE - 1))
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
        self._going: list[int] = []  # the priorities of the questions that go on

    def begin(self, work: Work) -> threading.Thread:
        """Begin to work and return at once."""
        thread = threading.Thread(target=work, name="aside", daemon=True)
        thread.start()
        with self._lock:
            self._threads = [*self.alive(), thread]
        return thread

    def in_turn(self, take: Callable[[int], tuple[Work, int] | None]) -> bool:
        """Take a piece of work; return when it is done, or goes on and has taken longer.

        At most AT_ONCE of these go on at a time; where there are so many, the next one waits.
        `take(least)` returns the work that comes next among that of at least this priority, and
        its priority, or None where there is nothing to do; LIMITS say what `least` is. Returns
        whether there was work.
        """
        if not self._places.acquire(timeout=LOOK_EVERY):
            return True
        try:
            taken = None if self._stopping() else take(self._least())
        except BaseException:
            self._places.release()
            raise
        if taken is None:
            self._places.release()
            return False
        work, priority = taken
        with self._lock:
            self._going.append(priority)

        def then_give_way() -> None:
            try:
                work()
            finally:
                self._give_way(priority)

        try:
            thread = self.begin(then_give_way)
        except RuntimeError:  # the system gives no more threads: somebody asks again
            self._give_way(priority)
            raise
        thread.join(self._moment)
        return True

    def alive(self) -> list[threading.Thread]:
        """The threads whose work is not done."""
        return [thread for thread in self._threads if thread.is_alive()]

    def _least(self) -> int:
        """The priority that the next question must have at least."""
        with self._lock:
            full = [
                priority
                for priority, places in LIMITS
                if sum(one < priority for one in self._going) >= places
            ]
        return max(full, default=ANY_PRIORITY)

    def _give_way(self, priority: int) -> None:
        with self._lock:
            self._going.remove(priority)
        self._places.release()

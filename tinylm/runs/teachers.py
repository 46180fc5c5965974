"""Who is a teacher: whoever gave the code that the environment names.

The code itself is kept nowhere. The store has, for each learner who gave it, a digest of the code
of then: with another code in the environment, nobody is a teacher until the new one is given.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import time
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Protocol

from tinylm.errors import BadRequest

VARIABLE = "TINYLM_TEACHER_CODE"
LEAST = 8  # characters of a code
NOTE = "class/teachers"  # of the store: digests by learner
KEPT = 3.0  # seconds for which a look at the store counts
TRIES, WITHIN = 5, 60.0  # wrong codes of one learner within so many seconds
TRIES_OF_ALL = 30  # the same of all learners together: a browser can take another name
_ROUNDS = 100_000

NO_NAME = "Your browser keeps no cookies, so you cannot stay signed in: allow them for this page."
WRONG = "This is not the teacher's code: it stands in TINYLM_TEACHER_CODE of the server."
TOO_OFTEN = "Too many wrong codes: wait a minute, then try again."


Kept = dict[Hashable, object]  # digests by learner


class Notes(Protocol):
    """The part of the store that is needed here."""

    def note(self, key: str) -> object: ...
    def change_note(self, key: str, change: Callable[[object], object]) -> object: ...


def teacher_code() -> str:
    """The code in the environment; "" where there is none. Raises BadRequest for a short one."""
    code = os.environ.get(VARIABLE, "").strip()
    if code and len(code) < LEAST:
        raise BadRequest(
            f"{VARIABLE} must have at least {LEAST} characters, so that nobody guesses it: start "
            "the server with a longer one."
        )
    return code


@lru_cache(maxsize=64)
def _digest(code: str, name: str) -> str:
    """What is kept for a teacher; it takes long enough that nobody tries a dictionary on it."""
    return hashlib.pbkdf2_hmac("sha256", code.encode(), name.encode(), _ROUNDS).hex()


class Tries:
    """Counts wrong codes of the last moments. Thread-safe."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        each: int = TRIES,
        together: int = TRIES_OF_ALL,
    ) -> None:
        self._clock, self._each, self._together = clock, each, together
        self._lock = threading.Lock()
        self._wrong: list[tuple[float, str]] = []

    def check(self, name: str) -> None:
        """Raise BadRequest where this learner, or all together, were wrong too often."""
        with self._lock:
            since = self._clock() - WITHIN
            self._wrong = [one for one in self._wrong if one[0] > since]
            mine = sum(one[1] == name for one in self._wrong)
            if mine >= self._each or len(self._wrong) >= self._together:
                raise BadRequest(TOO_OFTEN)

    def note_wrong(self, name: str) -> None:
        with self._lock:
            self._wrong.append((self._clock(), name))


class Teachers:
    """Signs teachers in and out, and says who is one."""

    def __init__(
        self, notes: Notes, tries: Tries | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._notes = notes
        self._tries = tries or Tries()
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[float, Kept] | None = None

    def sign_in(self, name: str, typed: str) -> None:
        """Make a learner a teacher. Raises BadRequest for a wrong code, or too many of them."""
        code = teacher_code()
        if not name:
            raise BadRequest(NO_NAME)
        self._tries.check(name)
        if not code or not hmac.compare_digest(code.encode(), typed.strip().encode()):
            self._tries.note_wrong(name)
            raise BadRequest(WRONG)
        kept = _digest(code, name)
        self._change(lambda teachers: {**teachers, name: kept})

    def sign_out(self, name: str) -> None:
        """Make a teacher a learner again."""
        self._change(lambda found: {one: kept for one, kept in found.items() if one != name})

    def knows(self, name: str) -> bool:
        """Whether this learner is a teacher, as it was at most KEPT seconds ago."""
        code = os.environ.get(VARIABLE, "").strip()
        if not name or len(code) < LEAST:
            return False
        with self._lock:
            now = self._clock()
            if self._seen is None or not 0 <= now - self._seen[0] < KEPT:
                self._seen = (now, self._stored())
            kept = self._seen[1].get(name)
        return isinstance(kept, str) and hmac.compare_digest(kept, _digest(code, name))

    def names(self) -> list[str]:
        """The learners who are teachers now."""
        return [str(name) for name in self._stored() if self.knows(str(name))]

    def _stored(self) -> Kept:
        return _teachers_in(self._notes.note(NOTE))

    def _change(self, change: Callable[[Kept], Kept]) -> None:
        self._notes.change_note(NOTE, lambda note: change(_teachers_in(note)) or None)
        with self._lock:
            self._seen = None


def _teachers_in(note: object) -> Kept:
    return dict(note) if isinstance(note, dict) else {}

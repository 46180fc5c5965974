"""Who is who: a learner's name follows from a code that nobody else has.

The browser keeps the code in a cookie, and the learner may write it down. The store keeps the
name alone, from which the code cannot be found: who reads the store, or a list of the class,
cannot become somebody else.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass

from tinylm.errors import BadRequest

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0, 1, which look alike
LENGTH = 16  # characters of a code: 79 bits
GROUP = 4  # characters that are written together
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}|[0-9a-f]{{24}}")  # the second: of earlier versions
_NAME_DIGITS = 24
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Viewer:
    """Whoever a page is drawn for; `name` is "" for a browser that keeps no cookie."""

    name: str = ""
    alone: bool = True  # everything in this home belongs to the one who looks
    teacher: bool = False  # may see, stop and delete what belongs to others

    @property
    def may_change_all(self) -> bool:
        return self.alone or self.teacher


def new_code() -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(typed: str) -> str:
    """The code in what somebody typed, with or without its hyphens; "" if that is none."""
    found = re.sub(r"[\s-]", "", typed).lower()
    return found if _CODE.fullmatch(found) else ""


def shown_code(code: str) -> str:
    """A code as people write it down: `k7qf-2m9x-tb4c-h3np`."""
    return "-".join(code[n : n + GROUP] for n in range(0, len(code), GROUP))


def name_of(code: str) -> str:
    """The name under which the store keeps what belongs to this code; "" where it is none."""
    if not _CODE.fullmatch(code):
        return ""
    return hashlib.sha256(f"tinylm learner {code}".encode()).hexdigest()[:_NAME_DIGITS]


def is_alone(address: str) -> bool:
    """Whether one person has this server, which listens on `address`; "" means all addresses.

    TINYLM_LEARNERS says so, one or many. Without it, a server that only its own computer can
    reach has one. Raises BadRequest for another value.
    """
    chosen = os.environ.get("TINYLM_LEARNERS", "").strip().lower()
    if chosen not in ("", "one", "many"):
        raise BadRequest(f"TINYLM_LEARNERS must be one or many; got {chosen!r:.40}.")
    return chosen == "one" if chosen else address.strip("[]").lower() in LOOPBACK

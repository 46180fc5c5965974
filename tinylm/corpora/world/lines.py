"""Lines that a generator makes at random, and the part of them that no document may show.

Languages and reviews can make far more lines than a corpus contains, so no list of them is kept.
Instead, a hash of a line's text decides whether the line is held out for test items.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol, TypeVar

from tinylm.corpora.world.chooser import Chooser
from tinylm.errors import BadRequest

HELD_OUT = 8  # one line in this many is held out
LEAST = 200  # a file must be able to make at least so many different lines


class Line(Protocol):
    """Something that stands on one line of a document, and is identified by its text."""

    @property
    def text(self) -> str: ...


L = TypeVar("L", bound=Line)


def held_out(text: str) -> bool:
    """Whether a line is held out, so that it never stands in a document."""
    return hashlib.sha256(text.encode()).digest()[0] % HELD_OUT == 0


def draw(chooser: Chooser, make: Callable[[Chooser], L], count: int) -> list[L]:
    """`count` different lines, none of them held out.

    Lines that are held out or repeated are drawn again, and their choices do not count: as for
    whole documents, the log-probability is for a reader who does not know the hash.
    """
    kept: dict[str, L] = {}
    while len(kept) < count:
        before = chooser.log_probability
        line = make(chooser)
        if held_out(line.text) or line.text in kept:
            chooser.log_probability = before
        else:
            kept[line.text] = line
    return list(kept.values())


def items(
    make: Callable[[Chooser], L],
    hidden: bool,
    number: int,
    seed: int,
    usable: Callable[[L], bool] = lambda line: True,
) -> list[L]:
    """`number` different `usable` lines for a task, chosen by `seed`.

    If `hidden`, all of them are held out, otherwise none. Raises BadRequest if not enough are
    found.
    """
    chooser = Chooser(seed)
    found: dict[str, L] = {}
    for _ in range(1_000 + 40 * number):
        if len(found) == number:
            return list(found.values())
        line = make(chooser)
        if held_out(line.text) == hidden and usable(line):
            found.setdefault(line.text, line)
    raise BadRequest(f"There are not {number} different lines of this kind: ask for fewer.")

"""Lines that a generator makes at random, and the share of them that no document may show.

Languages and reviews can say far more than a corpus holds, so no list of them is kept: a hash
of its text says of every line whether it is held out for test items.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol, TypeVar

from tinylm.corpora.world.chooser import Chooser
from tinylm.errors import BadRequest

HELD_OUT = 8  # one line in so many
LEAST = 200  # different lines that a file must be able to make


class Line(Protocol):
    """Something that stands on a line of a document, known by its text."""

    @property
    def text(self) -> str: ...


L = TypeVar("L", bound=Line)


def held_out(text: str) -> bool:
    """Whether a line never stands in a document."""
    return hashlib.sha256(text.encode()).digest()[0] % HELD_OUT == 0


def draw(chooser: Chooser, make: Callable[[Chooser], L], count: int) -> list[L]:
    """`count` different lines, none held out.

    Lines that may not stand there are drawn again, and their choices are not counted: as for
    whole documents, the log-probability is that of a reader who does not know the hash.
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


def items(make: Callable[[Chooser], L], hidden: bool, number: int, seed: int) -> list[L]:
    """`number` different lines for a task, all held out or none, fixed by `seed`.

    Raises BadRequest if there are not so many.
    """
    chooser = Chooser(seed)
    found: dict[str, L] = {}
    for _ in range(1_000 + 40 * number):
        if len(found) == number:
            return list(found.values())
        line = make(chooser)
        if held_out(line.text) == hidden:
            found.setdefault(line.text, line)
    raise BadRequest(f"There are not {number} different lines of this kind: ask for fewer.")

"""A run that waits: its place in line, and about how long it waits."""

from __future__ import annotations

from collections.abc import Iterable

from tinylm.runs.forecast import Place
from tinylm.runs.store.rows import RunRow
from ui.asking import service
from ui.frame import roughly, status_line

ORDINALS = (
    *("next", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)

TICK = 1.0  # seconds between two looks at runs of which one trains, or begins next
# The same where all wait behind others: of a class, many look at a line that hardly moves, and each
# look takes the processor from the runs that they wait for.
WAITING_TICK = 4.0


def tick_of(runs: Iterable[RunRow]) -> float:
    """Seconds between two looks at these runs, of which at least one is active."""
    return WAITING_TICK if all(_behind(run) for run in runs if run.active) else TICK


def _behind(run: RunRow) -> bool:
    """Whether a run waits, and another one begins before it."""
    place = service().place(run.id) if run.status == "queued" else None
    return place is not None and place.number > 1


def state_line(run: RunRow) -> str:
    """What a run does, in words after an icon; for one that waits, its place in line as well."""
    place = service().place(run.id) if run.status == "queued" else None
    return " · ".join([status_line(run.status), *([place_words(place)] if place else [])])


def place_words(place: Place) -> str:
    """A place in line: `third in line, begins in about 2 min`."""
    named = place.number <= len(ORDINALS)
    where = f"{ORDINALS[place.number - 1]} in line" if named else f"number {place.number} in line"
    if place.paused:
        return f"{where}; the class is paused until your teacher goes on"
    return where if place.seconds is None else f"{where}, begins {about(place.seconds)}"


def why_it_waits() -> str:
    """Markdown: how many runs train at a time here, and that a run that waits begins by itself."""
    slots, whose = service().slots(), "" if service().viewer.alone else ", one of each learner"
    room = "One run trains" if slots == 1 else f"{slots} runs train"
    return (f"{room} at a time here{whose}. " if slots else "") + (
        "It begins by itself, also after you leave this page."
    )


def about(seconds: float) -> str:
    """A wait in words: `in about 40 s`, `in about 3 min`."""
    return f"in {roughly(seconds)}"

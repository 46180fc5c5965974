"""A run that waits: its place in line, and about how long it waits."""

from __future__ import annotations

from tinylm.runs.forecast import Place
from tinylm.runs.store.rows import RunRow
from ui.asking import service
from ui.frame import status_line

ORDINALS = (
    *("next", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)
SOON = 5.0  # seconds below which no number is said


def state_line(run: RunRow) -> str:
    """What a run does, in words after an icon; for one that waits, its place in line as well."""
    place = service().place(run.id) if run.status == "queued" else None
    return " · ".join([status_line(run.status), *([place_words(place)] if place else [])])


def place_words(place: Place) -> str:
    """A place in line: `third in line, about 2 min`."""
    if place.paused:
        return "the class is paused: it begins when your teacher goes on"
    named = place.number <= len(ORDINALS)
    where = f"{ORDINALS[place.number - 1]} in line" if named else f"number {place.number} in line"
    return where if place.seconds is None else f"{where}, {about(place.seconds)}"


def about(seconds: float) -> str:
    """A wait in words, no finer than it is known: `about 40 s`, `about 3 min`."""
    if seconds < SOON:
        return "in a moment"
    if seconds < 60:
        return f"about {max(10, 10 * round(seconds / 10))} s"
    return f"about {round(seconds / 60)} min"

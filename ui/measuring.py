"""Many measurements asked for at once: what is there, what is awaited, and a way to stop.

What is measured and what still waits stands in the store alone, so a reload, another tab or
another person's browser shows the same experiment where it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Generic, TypeVar

import streamlit as st

from tinylm.experiments.question import Question
from tinylm.runs.store.rows import JobRow
from ui.asking import service
from ui.charts.base import Row
from ui.frame import draw_anew, duration, guarded, problem, then_all

K = TypeVar("K")

TICK = 1.0  # seconds between two looks
STOP_HELP = "What is measured is kept; what is being measured just now is still finished."
RECENT = 120.0  # seconds after which finished jobs say nothing about the present speed


@dataclass(frozen=True)
class Found(Generic[K]):
    """How far an experiment is, by its own labels."""

    rows: dict[K, Row]  # measured
    waiting: dict[K, str]  # ids of jobs that wait or are being done
    failed: dict[K, str]  # sentences that say why there is none
    total: int
    queued: int = 0  # of those that wait, how many nobody works on yet

    @property
    def complete(self) -> bool:
        return len(self.rows) == self.total

    @property
    def begun(self) -> bool:
        """Whether somebody asked for all of it; parts may have been asked for elsewhere."""
        return len(self.rows) + len(self.waiting) + len(self.failed) == self.total

    @property
    def progress(self) -> str:
        return f"{len(self.rows)} of {self.total} measured"


def look_up(questions: Mapping[K, Question]) -> Found[K]:
    """What is known of these questions; asks nothing. Finished ones are read once and kept."""
    kept = _kept()
    keys = {label: repr(question) for label, question in questions.items()}
    unknown = {label: questions[label] for label in questions if keys[label] not in kept}
    jobs = service().known_all(unknown) if unknown else {}
    for label, job in jobs.items():
        if job.status == "done":
            kept[keys[label]] = _without_texts(job)
    return Found(
        rows={label: kept[key] for label, key in keys.items() if key in kept},
        waiting={label: job.id for label, job in jobs.items() if not job.over},
        failed={label: job.error for label, job in jobs.items() if job.status == "failed"},
        total=len(questions),
        queued=sum(job.status == "queued" for job in jobs.values()),
    )


def ask_missing(questions: Mapping[K, Question]) -> None:
    """Queue whatever is neither there nor waiting, in the given order."""
    found = look_up(questions)
    for label, question in questions.items():
        if label not in found.rows and label not in found.waiting:
            service().ask(*question, retry=True)


def watch(
    questions: Mapping[K, Question],
    draw: Callable[[Mapping[K, Row]], None],
    *,
    key: str,
    label: str,
    on_start: Callable[[], object] = lambda: None,
    hidden: bool = False,
    time_left: Callable[[Mapping[K, Row]], float | None] | None = None,
) -> None:
    """A button that asks, the progress while it is being done, and `draw` of what is there.

    While something waits, the fragment looks every second; when the last one is there, the
    whole page runs once. `hidden` keeps what others measured unseen until the button is pressed.
    `time_left` gives seconds from what is there, where measurements take unequal time.
    """
    ticking = _live(look_up(questions), key)

    @st.fragment(run_every=TICK if ticking else None)
    @guarded
    def look() -> None:
        found = look_up(questions)
        if _live(found, key) != ticking:
            draw_anew()
        covered = hidden and not _pressed(key)
        seconds = time_left(found.rows) if time_left else _by_pace(found)
        _steer(questions, found, key, label, on_start, covered, seconds)
        if found.rows and not covered:
            draw(found.rows)

    look()


def _pressed(key: str) -> bool:
    return bool(st.session_state.get(f"shown-{key}"))


def _live(found: Found[K], key: str) -> bool:
    """Whether this experiment is being done, and not only what it shares with another."""
    return bool(found.waiting) and (found.begun or _pressed(key))


def _steer(
    questions: Mapping[K, Question],
    found: Found[K],
    key: str,
    label: str,
    on_start: Callable[[], object],
    covered: bool,
    seconds: float | None,
) -> None:
    """What can be done now: begin, stop, go on, ask again."""

    def start() -> None:
        st.session_state[f"shown-{key}"] = True
        on_start()
        ask_missing(questions)

    def stop() -> None:
        service().take_back(look_up(questions).waiting.values())

    for sentence in sorted(set(found.failed.values())):
        problem(sentence)
    if _live(found, key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(len(found.rows) / found.total, text=" · ".join(_parts(found, seconds)))
            if found.queued:
                st.button(
                    "Stop waiting", key=f"stop-{key}", on_click=then_all(stop), help=STOP_HELP
                )
        if not service().workers():
            st.markdown("No worker is running yet: one starts within a few seconds.")
    elif covered or not (found.rows or found.failed):
        st.button(label, key=f"start-{key}", type="primary", on_click=then_all(start))
    elif not found.complete:
        again = "Ask again" if found.failed else "Go on"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(again, key=f"start-{key}", type="primary", on_click=then_all(start))
            st.markdown(found.progress)


def _parts(found: Found[K], seconds: float | None) -> list[str]:
    if len(found.rows) + len(found.waiting) < found.total and not found.queued:
        return [found.progress, "stopping after what has begun"]
    return [found.progress] + ([f"about {duration(seconds)} left"] if seconds is not None else [])


def _by_pace(found: Found[K]) -> float | None:
    ended = [float(row["ended"]) for row in found.rows.values()]
    return seconds_left(ended, len(found.waiting), time.time())


def seconds_left(ended: list[float], waiting: int, now: float) -> float | None:
    """Seconds until `waiting` more are there, by the pace of the last ones; None if unknown."""
    recent = sorted(moment for moment in ended if now - moment < RECENT)[-6:]
    gaps = [b - a for a, b in pairwise(recent)]
    return waiting * median(gaps) if gaps else None


def row_of(question: Question) -> Row | None:
    """One measurement that was made before; None if nobody asked, or it is not there yet."""
    return look_up({"": question}).rows.get("")


def _without_texts(job: JobRow) -> dict[str, Any]:
    """A result without the texts of its items: of each, only whether it was right."""
    result = dict(job.result or {})
    right = [{"correct": bool(item["correct"])} for item in result.get("items", ())]
    return result | {"items": right, "ended": job.ended or 0.0}


@st.cache_resource(show_spinner=False, max_entries=1)
def _kept() -> dict[str, Row]:
    """Finished measurements never change: read once, they are kept without their texts."""
    return {}

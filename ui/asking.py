"""How pages ask questions: at once, or on a button with progress and a way to stop.

Only the store knows which answers exist, which are being computed and which have failed. A reload,
another tab or another person's browser therefore shows the same state.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Generic, TypeVar

import streamlit as st

from tinylm.home import home_dir
from tinylm.learners import Viewer
from tinylm.questions import Answer, Question
from tinylm.questions.base import A
from tinylm.runs.service import Service
from tinylm.runs.store.history import Recent
from tinylm.runs.teachers import Teachers
from ui import viewing
from ui.frame import draw_anew, guarded, problem, roughly, then_all

K = TypeVar("K")

PATIENCE = 0.2  # seconds for which a drawing waits silently for answers, and once in vain
LOOK = 0.5  # seconds between two looks for an answer that was asked for at once
TICK = 1.0  # seconds between two looks at the answers that a button asked for
STOP_HELP = "What is measured is kept; what is being measured just now is still finished."
RECENT = 120.0  # seconds; jobs that ended earlier say nothing about the present speed


def make_service(home: Path) -> Service:
    """Make the service of a home folder; tests of pages replace this function."""
    return Service(home)


@st.cache_resource(show_spinner=False)
def _service(home: str) -> Service:
    return make_service(Path(home))


# A page asks for its service dozens of times. Streamlit's cache takes one lock of the whole server
# each time, before which the threads of a class wait; so it is asked at the first time only.
_services: dict[Path, Service] = {}


def shared_service() -> Service:
    """The service of the whole process, which asks nobody who looks. Raises StorageError."""
    home = home_dir()
    found = _services.get(home)
    if found is None:
        found = _services[home] = _service(str(home))
    return found


def forget() -> None:
    """Let the next page make its service and read all answers anew, as in a new process."""
    _services.clear()
    _service.clear()
    _ANSWERS.clear()


def service() -> Service:
    """The service as the viewer of the page may use it. Raises StorageError.

    It is thread-safe, and all sessions share its store.
    """
    shared = shared_service()
    return shared.seen_by(_with_rights(shared))


def viewer() -> Viewer:
    """Whom the page is drawn for. Raises BadRequest for a wrong TINYLM_LEARNERS."""
    return _with_rights(shared_service())


def _with_rights(shared: Service) -> Viewer:
    found = viewing.viewer()
    return replace(found, teacher=True) if shared.teachers.knows(found.name) else found


def teachers() -> Teachers:
    """Who is a teacher, for all sessions. Raises StorageError."""
    return shared_service().teachers


_drawing = threading.local()  # whether this drawing, in a thread of its own, waited in vain


def begin_drawing() -> None:
    """Let the drawing that begins wait for answers; a thread may draw several times in a row."""
    _drawing.in_vain = False


# At once ------------------------------------------------------------------------------------


def ask(question: Question[A], waiting: str) -> A | None:
    """The answer to one question, or None while it is being computed; see `ask_all`."""
    return ask_all({"": question}, waiting).get("")


def ask_all(
    questions: Mapping[K, Question[A]],
    waiting: str = "",
    *,
    ahead: Iterable[Question[Answer]] = (),
    every: float = LOOK,
    patience: float = PATIENCE,
) -> dict[K, A]:
    """The answers that exist already, by label; the page runs again when more of them exist.

    A worker computes the missing ones, and meanwhile the page shows `waiting`. For a question that
    failed, it shows the reason and a button to ask again. If `waiting` is empty, the page shows
    neither; this is for answers that it can do without. `ahead` are questions that the page asks
    once it has these answers: workers begin with them, behind these, and nobody waits for them
    here. So the page is drawn anew once, and not for each in turn. `every` is the time between two
    looks, and `patience` the time to wait here for answers, both in seconds. A drawing that waited
    in vain waits no more: a page with four questions would keep its reader waiting four times.
    """
    in_vain: bool = getattr(_drawing, "in_vain", False)
    behind = tuple(ahead)
    jobs = service().ask_all(questions, ahead=behind, wait=0.0 if in_vain else patience)
    missing = {job.id for job in jobs.values() if not job.over}
    _drawing.in_vain = in_vain or bool(missing and patience)
    _look(missing, waiting, every)
    failed = {label: job for label, job in jobs.items() if job.status == "failed"}
    if waiting and failed:
        for sentence in sorted({job.error for job in failed.values()}):
            problem(sentence)
        if st.button("Ask again", key="ask-again-" + "-".join(job.id for job in failed.values())):
            service().ask_all(questions, ahead=behind, retry=True)
            draw_anew()
    return {label: job.answer for label, job in jobs.items() if job.answer is not None}


def _look(job_ids: set[str], waiting: str, every: float) -> None:
    """Draw the page anew when all these jobs are over, or when some are and a look finds no more.

    So a page is drawn once for several answers that come one upon the other: in a class, each
    drawing is one of thirty. It always draws an element, so that what stands below keeps its place
    on the page.
    """
    seen = 0  # how many were over at the last look

    @st.fragment(run_every=every if job_ids else None)
    @guarded
    def look() -> None:
        nonlocal seen
        if not job_ids:
            return
        over = service().num_over(job_ids)
        if due(over, seen, len(job_ids)):
            draw_anew()  # this shows the new answers and waits for the others
        seen = over
        if waiting:
            st.markdown(f"⏳ {waiting}")
            _say_where_nobody_works()

    look()


def due(over: int, seen: int, total: int) -> bool:
    """Whether to show what there is: `over` of `total` jobs, `seen` of them at the last look."""
    return over == total or 0 < over == seen


# The answers that were read first most recently, by the key of their question, with the time they
# were computed. The answer to a question never changes.
_ANSWERS: Recent[tuple[Answer, float]] = Recent(2_000)


def known(question: Question[A]) -> A | None:
    """The answer to a question if it exists already, else None; this asks nothing."""
    return look_up({"": question}).answers.get("")


# On a button --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found(Generic[K, A]):
    """The progress of an experiment, by the labels of its questions."""

    answers: dict[K, A]
    ended: list[float]  # when each answer was computed, in seconds since 1970
    waiting: dict[K, str]  # ids of jobs that are queued or running
    failed: dict[K, str]  # sentences that say why there is no answer
    total: int
    queued: int = 0  # how many of the waiting jobs no worker has begun

    @property
    def complete(self) -> bool:
        return len(self.answers) == self.total

    @property
    def begun(self) -> bool:
        """Whether every question was asked; another experiment may have asked some of them."""
        return len(self.answers) + len(self.waiting) + len(self.failed) == self.total

    @property
    def progress(self) -> str:
        return f"{len(self.answers)} of {self.total} measured"


def look_up(questions: Mapping[K, Question[A]]) -> Found[K, A]:
    """What is known of these questions. This asks nothing; answers are read once and kept."""
    keys = {label: question.key() for label, question in questions.items()}
    done = {label: kept for label, key in keys.items() if (kept := _ANSWERS.get(key)) is not None}
    unknown = {label: questions[label] for label in questions if label not in done}
    jobs = service().known_all(unknown) if unknown else {}
    for label, job in jobs.items():
        if job.answer is not None:
            done[label] = (job.answer, job.ended or 0.0)
            _ANSWERS.put(job.id, done[label])
    done = {label: done[label] for label in questions if label in done}  # in their order
    return Found(
        answers={label: answer for label, (answer, _) in done.items()},  # type: ignore[misc]
        ended=[ended for _, ended in done.values()],
        waiting={label: job.id for label, job in jobs.items() if not job.over},
        failed={label: job.error for label, job in jobs.items() if job.status == "failed"},
        total=len(questions),
        queued=sum(job.status == "queued" for job in jobs.values()),
    )


def ask_missing(questions: Mapping[K, Question[A]]) -> None:
    """Queue the questions that have no answer and do not wait, in the given order."""
    service().ask_all(questions, retry=True)


def measure(
    questions: Mapping[K, Question[A]],
    draw: Callable[[Mapping[K, A]], None],
    *,
    key: str,
    label: str,
    on_start: Callable[[], object] = lambda: None,
    hidden: bool = False,
    time_left: Callable[[Mapping[K, A]], float | None] | None = None,
    go_on: str = "Go on",
) -> None:
    """Show a button that asks the questions, then the progress, and `draw` the answers so far.

    While answers are missing, the fragment looks every second; after the last one, the whole page
    runs once. With `hidden`, answers that others measured stay unseen until the button is pressed.
    `time_left` computes the seconds left from the answers so far; it is for measurements that take
    unequal times. `on_start` is called when the button is pressed. `go_on` is the label of the
    button where only some answers are known.
    """
    ticking = _live(look_up(questions), key)

    @st.fragment(run_every=TICK if ticking else None)
    @guarded
    def look() -> None:
        found = look_up(questions)
        if _live(found, key) != ticking:
            draw_anew()
        covered = hidden and not _pressed(key)
        by_pace = seconds_left(found.ended, len(found.waiting), time.time())
        seconds = time_left(found.answers) if time_left else by_pace
        _steer(questions, found, key, (label, go_on), on_start, covered, seconds)
        if found.answers and not covered:
            draw(found.answers)

    look()


def _pressed(key: str) -> bool:
    return bool(st.session_state.get(f"shown-{key}"))


def _live(found: Found[K, A], key: str) -> bool:
    """Whether this experiment is running, and not only questions it shares with another one."""
    return bool(found.waiting) and (found.begun or _pressed(key))


def _steer(
    questions: Mapping[K, Question[A]],
    found: Found[K, A],
    key: str,
    labels: tuple[str, str],
    on_start: Callable[[], object],
    covered: bool,
    seconds: float | None,
) -> None:
    """Show what can be done now: begin, stop, go on, or ask again."""

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
            st.progress(len(found.answers) / found.total, text=" · ".join(_parts(found, seconds)))
            if found.queued:
                st.button(
                    "Stop waiting", key=f"stop-{key}", on_click=then_all(stop), help=STOP_HELP
                )
        _say_where_nobody_works()
    elif covered or not (found.answers or found.failed):
        st.button(labels[0], key=f"start-{key}", type="primary", on_click=then_all(start))
    elif not found.complete:
        again = "Ask again" if found.failed else labels[1]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(again, key=f"start-{key}", type="primary", on_click=then_all(start))
            st.markdown(found.progress)


def _say_where_nobody_works() -> None:
    if not service().workers():
        st.markdown("No worker is running yet: one starts within a few seconds.")


def _parts(found: Found[K, A], seconds: float | None) -> list[str]:
    if len(found.answers) + len(found.waiting) < found.total and not found.queued:
        return [found.progress, "stopping after what has begun"]
    return [found.progress] + ([f"{roughly(seconds)} left"] if seconds is not None else [])


def seconds_left(ended: list[float], waiting: int, now: float) -> float | None:
    """Seconds until `waiting` more answers exist, at the pace of the last ones; None if unknown."""
    recent = sorted(moment for moment in ended if now - moment < RECENT)[-6:]
    gaps = [b - a for a, b in pairwise(recent)]
    return waiting * median(gaps) if gaps else None

"""State that lessons share: in st.session_state, in the address bar, and each learner's answers.

The keys of a single lesson stand in its keys.py. The values here are plain ids and values,
because objects of our own classes would break when their source changes.
"""

from __future__ import annotations

import time
from contextlib import suppress

import streamlit as st

from tinylm.errors import TinylmError
from tinylm.learners import Viewer
from ui import asking, viewing
from ui.asking import service
from ui.bases import MADE_WORLD
from ui.plan import first_corpus

RUN = "run"  # in the address bar: the run that a page shows
BESIDE = "beside"  # in the address bar: a second run, shown together with the first
CORPUS = "corpus"  # in the address bar: the corpus to train on
ELSEWHERE = "elsewhere"  # in the address bar, and a key: a model that was made elsewhere
TASK = "task"  # in the address bar: the task that a page shows first
FIRST_CORPUS = MADE_WORLD  # the corpus that is chosen at first

# Keys of widgets that keep their values from page to page
MEASURE = "measure"
LOG = "log_axis"
AXIS = "curve_axis"
COMPARED = "compared_runs"
FINE_TUNED = "fine_tuned_run"
SCRATCH = "scratch_run"
ODDS_OF = "odds_of"  # whole words or tokens, see ui/odds.py
HELD_OUT = "held_out_question"  # its place among those of its task, see ui/example.py

# Keys of values that belong to no widget
CURRENT_RUN = "current_run"
CHOSEN_RUN = "chosen_run"  # the base that the learner chose, against the first choice
CURRENT_CORPUS = "current_corpus"
CURRENT_PAIR = "current_pair"
LINKED_TASK = "linked_task"  # an own task that an address named
NOTICE = "notice"
NOTED = "noted_visit"  # where this session was, and when, as the class was told last
VISIT = 60.0  # seconds between two such times
PLACE = "place"  # the path of the page that decided last whether to show a run, until it is left
UNNAMED_RUN = "unnamed_run"  # what Pre-train showed last where its address named no run


def current_run() -> str:
    """The id of the run in the address bar, or else of the last one looked at, or else ""."""
    asked = st.query_params.get(RUN, "")
    if asked:
        st.session_state[CURRENT_RUN] = asked
    return str(st.session_state.get(CURRENT_RUN, ""))


def begin_page(path: str) -> None:
    """Note that the page at `path` is drawn now, so that any other page has been left.

    This comes first: a click may end the drawing at any later moment.
    """
    if st.session_state.get(PLACE) != path:
        st.session_state[PLACE] = ""


def note_visit(path: str) -> None:
    """Note for the class who is on which page, at once for another page, or once a minute."""
    now = time.monotonic()
    place, noted = st.session_state.get(NOTED, ("", -VISIT))
    if path != place or now - noted >= VISIT:
        st.session_state[NOTED] = path, now
        with suppress(TinylmError):  # the page says by itself that the store cannot be used
            service().note_visit(path)


def run_or_form(place: str) -> str:
    """The run that the page at the path `place` shows, or "" where it shows its form.

    If the address names no run, a learner who comes from another page sees the run looked at
    last, and one who goes back in the browser sees what the page showed there before.
    """
    if not st.query_params.get(RUN, ""):
        stayed = st.session_state.get(PLACE) == place
        shown = str(st.session_state.get(UNNAMED_RUN, "")) if stayed else current_run()
        st.session_state[UNNAMED_RUN] = st.session_state[CURRENT_RUN] = shown
    st.session_state[PLACE] = place
    return current_run()


def show_run(run_id: str) -> None:
    """Make this the run that pages show; "" means no run."""
    st.session_state[CURRENT_RUN] = run_id
    if not run_id:
        st.session_state[UNNAMED_RUN] = ""
    if st.query_params.get(RUN, "") != run_id:
        st.query_params.pop(BESIDE, None)
    _address(RUN, run_id)


def choose_run(run_id: str) -> None:
    """Make this the run that pages show, because the learner chose it and not the page."""
    st.session_state[CHOSEN_RUN] = run_id
    show_run(run_id)


def is_chosen(run_id: str) -> bool:
    """Whether the learner chose this run, or the address bar names it."""
    if st.query_params.get(RUN, "") == run_id:
        st.session_state[CHOSEN_RUN] = run_id
    return bool(run_id) and st.session_state.get(CHOSEN_RUN) == run_id


def current_pair(run_id: str) -> str:
    """The id of the run that is shown beside this one, or "".

    The address bar decides, or else the session.
    """
    asked = st.query_params.get(BESIDE, "")
    if asked and asked != run_id:
        st.session_state[CURRENT_PAIR] = [run_id, asked]
    first, second = st.session_state.get(CURRENT_PAIR) or ("", "")
    if first != run_id or not second:
        return ""
    st.query_params[BESIDE] = second
    return str(second)


def show_pair(run_id: str, other: str) -> None:
    """Show `other` beside a run whenever that run is shown; "" shows the run alone."""
    st.session_state[CURRENT_PAIR] = [run_id, other]
    show_run(run_id)
    _address(BESIDE, other)


def current_corpus() -> str:
    """The name of the corpus that the next training run reads."""
    asked = st.query_params.get(CORPUS, "")
    if asked:
        st.session_state[CURRENT_CORPUS] = asked
    name = str(st.session_state.get(CURRENT_CORPUS) or first_corpus(FIRST_CORPUS))
    if not asked and name != FIRST_CORPUS:
        st.query_params[CORPUS] = name  # so that a reload or a shared address keeps it
    return name


def use_corpus(name: str) -> None:
    """Choose a corpus, and name it in the address bar unless it is FIRST_CORPUS."""
    st.session_state[CURRENT_CORPUS] = name
    _address(CORPUS, name if name != FIRST_CORPUS else "")


def _address(name: str, value: str) -> None:
    """Set a value in the address bar; "" removes it."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def notice(text: str) -> None:
    """Keep a text that the next run of a page shows as a short message."""
    st.session_state[NOTICE] = text


def show_notice() -> None:
    text = st.session_state.pop(NOTICE, "")
    if text:
        st.toast(text)


def learner() -> str:
    """The name of the learner who looks; "" for a browser that keeps no cookie."""
    return viewing.learner()


def viewer() -> Viewer:
    """Whom the page is drawn for."""
    return asking.viewer()


def is_teacher() -> bool:
    """Whether a teacher looks; where the store cannot be used, the page says so by itself."""
    try:
        return viewer().teacher
    except TinylmError:
        return False


def answers() -> dict[str, object]:
    """What this learner predicted and did, by key; empty if it cannot be read."""
    try:
        return service().answers(learner())
    except TinylmError:
        return {}


def keep_once(key: str) -> None:
    """Keep that this learner has done a part of a lesson; nothing is written a second time."""
    if not answers().get(key):
        keep_answer(key, True)


def keep_answer(key: str, value: object) -> None:
    """Keep a prediction or a finished step of the path; a later value replaces it."""
    service().set_answer(learner(), key, value)

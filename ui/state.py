"""Keys that lessons share, of st.session_state and of the address bar; what is a learner's own.

Those of one lesson stand in its keys.py.

Only plain ids and values: objects of our own classes would break when their source changes.
"""

from __future__ import annotations

import streamlit as st

from tinylm.errors import TinylmError
from ui.asking import service

RUN = "run"  # in the address bar: the run that a page shows
BESIDE = "beside"  # in the address bar: a second run, shown together with the first
CORPUS = "corpus"  # in the address bar too: the corpus to train on
FIRST_CORPUS = "world"  # the one to begin with
LEARNER_COOKIE = "tinylm_learner"  # set by app.py

# Keys of widgets, which keep their values from page to page
MEASURE = "measure"
LOG = "log_axis"
AXIS = "curve_axis"
COMPARED = "compared_runs"
FINE_TUNED = "fine_tuned_run"
SCRATCH = "scratch_run"

# Values that no widget holds
CURRENT_RUN = "current_run"
CURRENT_CORPUS = "current_corpus"
CURRENT_PAIR = "current_pair"
NOTICE = "notice"


def current_run() -> str:
    """The run in the address bar, else the one this session looked at last, else nothing."""
    asked = st.query_params.get(RUN, "")
    if asked:
        st.session_state[CURRENT_RUN] = asked
    return str(st.session_state.get(CURRENT_RUN, ""))


def show_run(run_id: str) -> None:
    """Make this the run that pages show; "" for none."""
    st.session_state[CURRENT_RUN] = run_id
    if st.query_params.get(RUN, "") != run_id:
        st.query_params.pop(BESIDE, None)
    _address(RUN, run_id)


def current_pair(run_id: str) -> str:
    """The run that is shown beside this one: of the address bar, or of this session; "" if none."""
    asked = st.query_params.get(BESIDE, "")
    if asked and asked != run_id:
        st.session_state[CURRENT_PAIR] = [run_id, asked]
    first, second = st.session_state.get(CURRENT_PAIR) or ("", "")
    if first != run_id or not second:
        return ""
    st.query_params[BESIDE] = second
    return str(second)


def show_pair(run_id: str, other: str) -> None:
    """Show two runs together, as long as the first is shown; "" for the first alone."""
    st.session_state[CURRENT_PAIR] = [run_id, other]
    show_run(run_id)
    _address(BESIDE, other)


def current_corpus() -> str:
    """The corpus that the next training takes."""
    asked = st.query_params.get(CORPUS, "")
    if asked:
        st.session_state[CURRENT_CORPUS] = asked
    name = str(st.session_state.get(CURRENT_CORPUS, FIRST_CORPUS))
    if not asked and name != FIRST_CORPUS:
        st.query_params[CORPUS] = name  # a reload, or the address given to somebody, keeps it
    return name


def use_corpus(name: str) -> None:
    """Choose a corpus; an address that names another one no longer does."""
    st.session_state[CURRENT_CORPUS] = name
    _address(CORPUS, name if name != FIRST_CORPUS else "")


def _address(name: str, value: str) -> None:
    """Put a value into the address bar; "" takes it out."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def notice(text: str) -> None:
    """Say something after the next run of the page."""
    st.session_state[NOTICE] = text


def show_notice() -> None:
    text = st.session_state.pop(NOTICE, "")
    if text:
        st.toast(text)


def learner() -> str:
    """Who answers: a random name kept in this browser, so that a reload forgets nothing."""
    return str(st.context.cookies.get(LEARNER_COOKIE, ""))[:40]


def answers() -> dict[str, object]:
    """What this learner predicted and did, by key; nothing where it cannot be read."""
    try:
        return service().answers(learner())
    except TinylmError:
        return {}


def keep_answer(key: str, value: object) -> None:
    """Keep a prediction or a step of the path; a later one replaces it."""
    service().set_answer(learner(), key, value)

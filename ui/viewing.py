"""Who looks at a page: a learner, known by the code in a cookie."""

from __future__ import annotations

import threading

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tinylm.learners import Viewer, is_alone, name_of

LEARNER_COOKIE = "tinylm_learner"  # holds the learner's code; set by server/headers.py

_of_this_thread = threading.local()


def code() -> str:
    """The learner's code, which nobody else may see; "" without the cookie."""
    return str(st.context.cookies.get(LEARNER_COOKIE, ""))


def learner() -> str:
    """The learner's name, which follows from the code; "" where there is none."""
    return name_of(code())


def viewer() -> Viewer:
    """Whom the page is drawn for. Raises BadRequest for a wrong TINYLM_LEARNERS.

    A page asks many times. It is drawn in a thread of its own, where the answer is kept.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return _look()
    if not hasattr(_of_this_thread, "viewer"):
        _of_this_thread.viewer = _look()
    found: Viewer = _of_this_thread.viewer
    return found


def _look() -> Viewer:
    return Viewer(learner(), alone=is_alone(st.get_option("server.address") or ""))

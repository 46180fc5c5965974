"""Who looks at a page: a learner, known by the code in a cookie."""

from __future__ import annotations

import streamlit as st

from tinylm.learners import Viewer, is_alone, name_of

LEARNER_COOKIE = "tinylm_learner"  # holds the learner's code; set by server/headers.py


def code() -> str:
    """The learner's code, which nobody else may see; "" without the cookie."""
    return str(st.context.cookies.get(LEARNER_COOKIE, ""))


def learner() -> str:
    """The learner's name, which follows from the code; "" where there is none."""
    return name_of(code())


def viewer() -> Viewer:
    """Whom the page is drawn for. Raises BadRequest for a wrong TINYLM_LEARNERS."""
    return Viewer(learner(), alone=is_alone(st.get_option("server.address") or ""))

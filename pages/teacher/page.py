"""The teacher's page: who is here, what they see, what they bet, and the end of the class."""

from __future__ import annotations

import streamlit as st

from pages.teacher import keys
from pages.teacher.bets import bets
from pages.teacher.board import board
from pages.teacher.closing import close_class
from pages.teacher.link import class_link
from pages.teacher.planning import plan_form
from tinylm.errors import TinylmError
from tinylm.runs.teachers import LEAST, VARIABLE, teacher_code
from ui import state
from ui.asking import teachers
from ui.frame import draw_anew, heading, problem, then_all
from ui.style import projector_switch
from ui.widgets import segments

LEAD = "Share one link, see the whole class on one board, and talk about its bets."
VIEWS = {
    "Link": class_link,
    "Plan": plan_form,
    "Board": board,
    "Bets": bets,
    "Close": close_class,
}


def sign_in() -> None:
    """Ask for the teacher's code; a sentence says how to set one where there is none."""
    try:
        code = teacher_code()
    except TinylmError as error:
        problem(error)
        return
    if not code:
        st.info(
            f"This server has no teacher yet: start it with {VARIABLE} set to a code of at least "
            f"{LEAST} characters, for example `{VARIABLE}=… streamlit run app.py`.",
            icon="🔑",
        )
        return
    with st.form("teacher-sign-in", width=480):
        typed = st.text_input("The teacher's code", type="password", max_chars=200, key=keys.CODE)
        given = st.form_submit_button("Sign in", type="primary")
    if given:
        try:
            teachers().sign_in(state.learner(), typed or "")
        except TinylmError as error:
            problem(error)
        else:
            draw_anew()


@then_all
def sign_out() -> None:
    teachers().sign_out(state.learner())


if not state.viewer().teacher:
    heading("Teacher", "This page is for whoever teaches the class. Everybody else learns.")
    sign_in()
else:
    with st.container(key="teacher-head"):  # not on the projector, see ui/style.css
        heading("Teacher", LEAD)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = segments("What to show", list(VIEWS), "Link", key=keys.VIEW)
        projector_switch()
        st.button("Sign out", on_click=sign_out, key="teacher-sign-out")
    VIEWS[view]()

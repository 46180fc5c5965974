"""The ready plans, one press each, and the sheet to hand out."""

from __future__ import annotations

import streamlit as st

from pages.teacher import keys
from pages.teacher.ready import PAGES, READY, ReadyPlan
from pages.teacher.sheet import sheet
from ui.frame import then_all


def ready_plans() -> None:
    """Offer whole lessons with one press, and say what happens in them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Begin with a ready plan:**", width="content")
        for n, one in enumerate(READY):
            st.button(one.title, key=f"ready-{n}", on_click=use, args=(one,))
    with st.expander("What happens in the ready plans, minute by minute"):
        st.markdown(
            f"A press ticks the lessons below and gives each run {READY[0].seconds} seconds to "
            "begin with. Change what you like, then save it. The file `docs/teaching.md` has the "
            "questions to ask in each step, and what comes out."
        )
        for one in READY:
            st.markdown(f"**{one.title}**\n\n{as_table(one)}")
    st.download_button(
        "A sheet to hand out",
        sheet,
        "pre-training-sheet.html",
        "text/html",
        icon="🖨️",
        on_click="ignore",
        help="The questions of the lesson on one page, for paper. Open the file and print it.",
    )


def as_table(ready: ReadyPlan) -> str:
    """The steps of a plan as a table in Markdown."""
    rows = [f"| {one.begins} to {one.ends} | {one.name} | {one.does} |" for one in ready.steps]
    return "\n".join(["| minutes | step | what everybody does |", "|---|---|---|", *rows])


@then_all
def use(ready: ReadyPlan) -> None:
    """Tick the lessons of a plan, and set the seconds of a run."""
    st.session_state[keys.LESSONS] = [name for name in PAGES if name in ready.lessons]
    st.session_state[keys.BUDGET] = ready.seconds

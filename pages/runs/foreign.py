"""The buttons of a model that was made elsewhere, and a sentence about it."""

from __future__ import annotations

import streamlit as st

from tinylm.runs.store.rows import RunRow
from ui import state
from ui.elsewhere import WHAT_IS_LEFT_OUT, described, origin_of
from ui.frame import INSIDE, PROMPTS


def open_foreign(run: RunRow) -> None:
    """Show the ways to prompt the model and to look into it."""
    if st.button("Prompt it beside yours", type="primary"):
        st.switch_page(PROMPTS, query_params={state.ELSEWHERE: run.id})
    if st.button("Look inside"):
        state.choose_run(run.id)
        st.switch_page(INSIDE, query_params={state.RUN: run.id})


def about_foreign(run: RunRow) -> None:
    """Say how large it is, and what cannot be done with it."""
    origin = origin_of(run)
    if origin is not None:
        st.markdown(f"{described(run, origin)} {WHAT_IS_LEFT_OUT}")

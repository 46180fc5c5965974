"""The start page: a trained model at work, the path through the lessons, and the progress."""

from __future__ import annotations

import streamlit as st

from pages.registry import LESSONS, lessons_done, next_lesson
from pages.start.ask_it import ask_it
from pages.start.film import film, recorded_note
from tinylm.recorded import recording
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import look_inside
from ui.frame import PRETRAIN, heading, status_line

RECENT = 4


def path(done: list[bool], ahead: int) -> None:
    """Show the lessons as a list that marks which ones are done and which one is next.

    `ahead` is the index of the next lesson.
    """
    for place, (lesson, ready) in enumerate(zip(LESSONS, done, strict=True)):
        with st.container(border=True, gap="xxsmall"):
            sign = "✅" if ready else lesson.icon
            said = " · done" if ready else " · next" if place == ahead else ""
            st.page_link(lesson.page, label=f"**{place + 1}. {lesson.title}**{said}", icon=sign)
            st.markdown(lesson.learns)


def recent(runs: list[RunRow]) -> None:
    st.subheader("Last runs", anchor=False)
    for run in runs[:RECENT]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                PRETRAIN,
                label=f"Open {run.id}",
                icon="📈",
                query_params={state.RUN: run.id},
            )
            if run.kind == "pretrain":
                look_inside(run)
            st.text(f"{run.title} · {status_line(run.status)}")


heading(
    "What does pre-training buy?",
    "This small model was trained to do one thing: **predict the next piece of a text**. Nobody "
    "trained it to answer. Change the examples before the line, and watch what it answers.",
)
runs = service().runs()
done = lessons_done(runs, state.answers())
ahead = next_lesson(done)
with st.container(horizontal=True, vertical_alignment="center"):
    if not any(done):
        if st.button("Make this yourself, one minute →", type="primary"):
            st.switch_page(PRETRAIN)
    elif st.button(f"{LESSONS[ahead].go} →", type="primary"):
        st.switch_page(LESSONS[ahead].page)
    st.progress(sum(done) / len(done), text=f"{sum(done)} of {len(done)} lessons done", width=260)
recorded = recording()
left, right = st.columns(2, gap="medium")
with left, st.container(border=True):
    st.subheader("Ask it", anchor=False)
    ask_it()
with right, st.container(border=True, height="stretch"):
    st.subheader("How it learned that", anchor=False)
    film(recorded, key="start-film")
    st.caption(recorded_note(recorded))
path(done, ahead)
if runs:
    recent(runs)

"""The start page: what the app is for, the path through the lessons, and the progress."""

from __future__ import annotations

import streamlit as st

from pages.registry import LESSONS, lessons_done, next_lesson
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
    "Here you train a small GPT on this computer and **measure** it: what its one objective is, "
    "what comes out of it without any task training, and how many labels it saves afterwards. "
    "Every figure comes from a run of yours, with its interval.",
)
runs = service().runs()
done = lessons_done(runs, state.answers())
ahead = next_lesson(done)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button(f"{LESSONS[ahead].go} →", type="primary"):
        st.switch_page(LESSONS[ahead].page)
    st.progress(sum(done) / len(done), text=f"{sum(done)} of {len(done)} lessons done", width=260)
path(done, ahead)
if runs:
    recent(runs)

"""The start page: a trained model at work, and the path through the lessons."""

from __future__ import annotations

import streamlit as st

from pages.explain import keys
from pages.explain.ending import ending
from pages.progress import on_the_path, progress, sign
from pages.registry import EXPERIMENTS_PATH, LESSONS, minutes_in_all, next_lesson
from pages.start.ask_it import ask_it
from pages.start.film import film, recorded_note
from tinylm.config import ELSEWHERE
from tinylm.corpora.files.report import counted
from tinylm.recorded import recording
from tinylm.runs.store.rows import RunRow, shown_id
from ui import state
from ui.asking import service
from ui.bases import shows_a_limit
from ui.choosing import look_inside
from ui.frame import EXPERIMENTS, PRETRAIN, RUNS
from ui.lesson import Lesson, Progress
from ui.line import state_line
from ui.plan import present
from ui.style import CARD

RECENT = 4
USUAL = "quick"  # preset of a training by which this model can be made
ACROSS = 2  # cards side by side
SHORT = ("bet", "pretrain", "prompts", "finetune")  # a way through the path for half an hour


def cards(path: list[tuple[Lesson, Progress]], ahead: int | None) -> None:
    """Show a card for each lesson: what it teaches, how long it takes, and whether it is done.

    `ahead` is the index of the next lesson. The whole card is its link (ui/style.css).
    """
    for first in range(0, len(path), ACROSS):
        columns = st.columns(ACROSS, gap="small")
        for place, column in enumerate(columns, start=first):
            if place < len(path):
                with column:
                    card(place, *path[place], place == ahead)


def card(place: int, lesson: Lesson, how_far: Progress, is_next: bool) -> None:
    with st.container(border=True, gap="xxsmall", height="stretch", key=f"{CARD}{lesson.name}"):
        said = ["done" if how_far.complete else how_far.begun, "next" if is_next else ""]
        label = " · ".join([f"**{place + 1}. {lesson.title}**", *filter(None, said)])
        st.page_link(lesson.page, label=label, icon=sign(lesson, how_far))
        minutes = lesson.minutes
        st.markdown(f"{lesson.learns} *About {minutes} min.*" if minutes else lesson.learns)


def make_it() -> str:
    """The label of the way to a training, with its time where the class may choose that one."""
    return f"Make this yourself{', one minute' if USUAL in present().presets_shown else ''} →"


def how_long(lessons: list[Lesson]) -> str:
    """How long the path takes, and a shorter one through it where it is the whole one."""
    if len(lessons) < len(LESSONS):
        minutes = minutes_in_all([one.name for one in lessons])
        many = counted(len(lessons), "lesson", "lessons")
        return f"Your class has {many}, which take about **{minutes} minutes**."
    short = [f"{n}. {one.title}" for n, one in enumerate(LESSONS, start=1) if one.name in SHORT]
    return (
        f"All {len(LESSONS)} lessons take about **{minutes_in_all([one.name for one in LESSONS])} "
        f"minutes**. A short way takes about **{minutes_in_all(SHORT)} minutes**: "
        f"{', '.join(short[:-1])} and {short[-1]}."
    )


def recent(runs: list[RunRow]) -> None:
    st.subheader("Last runs", anchor=False)
    for run in runs[:RECENT]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                RUNS if run.kind == ELSEWHERE else PRETRAIN,
                label=f"Open {shown_id(run.id)}",
                icon="📈",
                query_params={state.RUN: run.id},
            )
            if run.kind == "pretrain":
                look_inside(run)
            st.text(f"{run.title} · {state_line(run)}")


# The pairs of Limits would fill the short list; all stand in Runs.
runs = [run for run in service().runs() if not shows_a_limit(run)]
path = on_the_path(progress())
lessons, found = [one for one, _ in path], [far for _, far in path]
ahead = next_lesson([one.complete for one in found])
trains = PRETRAIN in [one.page for one in lessons]
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("What does pre-training buy?", anchor=False, width="content")
    if not any(one.done for one in found):
        with st.container(horizontal=True, width="content"):
            if trains and st.button(make_it(), type="primary"):
                st.switch_page(PRETRAIN)
            if st.button("Begin with the first lesson →"):
                st.switch_page(lessons[0].page)
    elif ahead is not None and st.button(f"{lessons[ahead].go} →", type="primary"):
        st.switch_page(lessons[ahead].page)
st.markdown(
    "This small model was trained to do one thing: **predict the next piece of a text**. Nobody "
    "trained it to answer. Change the examples before the line, and watch what it answers."
)
if trains and not any(one.done for one in found):
    skipped = next(place for place, one in enumerate(lessons, start=1) if one.page == PRETRAIN)
    st.markdown(
        f"*Make this yourself* skips ahead to lesson {skipped}. The path begins with "
        f"*{lessons[0].title}*."
    )
if ahead is None:
    ending(keys.ENDING)
recorded = recording()
left, right = st.columns(2, gap="medium")
with left, st.container(border=True, gap="small"):
    ask_it()
with right, st.container(border=True, height="stretch"):
    st.markdown("**How it learned that**")
    film(recorded, key="start-film")
    st.markdown(f":small[{recorded_note(recorded)}]")
st.subheader("The path", anchor=False)
st.markdown(how_long(lessons))
cards(path, ahead)
if present().shows(EXPERIMENTS_PATH):
    st.page_link(
        EXPERIMENTS,
        label="Go deeper: **Experiments**",
        icon="🧪",
        help="What a text does to a model, and what is inside it: one question a page.",
    )
if runs:
    recent(runs)

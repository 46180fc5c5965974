"""The page frame: navigation, one width for all pages, and our errors shown as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.foot import experiment_foot, foot
from pages.progress import bar, read_progress, sign, title
from pages.registry import (
    EXPERIMENTS,
    EXPERIMENTS_PATH,
    LESSONS,
    OWN_TASK_PATH,
    RUNS_PATH,
    TEACHER_PATH,
    YOU_PATH,
)
from tinylm.runs.work.supervisor import long_slots, wanted
from ui import frame, plan, state
from ui.asking import begin_drawing
from ui.frame import OWN_TASK, RUNS, START, TEACHER, YOU, guarded, in_words, problem, show_problem
from ui.glossary import explain_terms
from ui.lesson import Progress
from ui.plan import Plan
from ui.state import begin_page, note_visit, show_notice
from ui.style import page_style

# The icon is an emoji, because a Material icon would need a font server on the internet.
st.set_page_config(page_title="tinylm", page_icon="🌱", layout="wide")

# What a plan may leave out of the list of pages
PLANNED = {*(one.name for one in LESSONS), EXPERIMENTS_PATH, OWN_TASK_PATH}
OFF_THE_PLAN = "The plan of your class leaves this page out. You may use it all the same."

st.logo(Path(__file__).with_name("logo.svg"), size="large")


def navigation(found: Sequence[Progress], shown: Plan) -> StreamlitPage:
    """Show the list of pages, with how far each lesson is, and return the page asked for.

    Headings above groups of pages would be no list to a screen reader. What the class's plan
    leaves out is not listed, and opens by its address all the same.
    """
    return st.navigation(
        [
            st.Page(START, title="Start", icon="🌱", url_path="start", default=True),
            *(
                st.Page(
                    one.page,
                    title=title(one, far),
                    icon=sign(one, far),
                    url_path=one.name,
                    visibility=listed(one.name, shown),
                )
                for one, far in zip(LESSONS, found, strict=True)
            ),
            st.Page(
                frame.EXPERIMENTS,
                title="Experiments",
                icon="🧪",
                url_path=EXPERIMENTS_PATH,
                visibility=listed(EXPERIMENTS_PATH, shown),
            ),
            *(
                st.Page(
                    one.page,
                    title=one.title,
                    icon=one.icon,
                    url_path=one.name,
                    visibility="hidden",  # the page Experiments leads to them
                )
                for one in EXPERIMENTS
            ),
            st.Page(
                OWN_TASK,
                title="Your own task",
                icon="📋",
                url_path=OWN_TASK_PATH,
                visibility=listed(OWN_TASK_PATH, shown),
            ),
            st.Page(RUNS, title="Runs", icon="🗂️", url_path=RUNS_PATH),
            st.Page(YOU, title="You", icon="🔑", url_path=YOU_PATH),
            st.Page(
                TEACHER,
                title="Teacher",
                icon="🧑‍🏫",
                url_path=TEACHER_PATH,
                visibility="visible" if state.is_teacher() else "hidden",
            ),
        ],
        expanded=True,
    )


def listed(path: str, shown: Plan) -> Literal["visible", "hidden"]:
    return "visible" if shown.shows(path) else "hidden"


def leave_or_follow_plan(offered: Plan, shown: Plan) -> None:
    """A button in the side bar that brings the full app, and one that brings the plan back."""
    if offered == plan.WHOLE_APP:
        return
    follows = shown != plan.WHOLE_APP
    label = "Show everything" if follows else "Back to the plan of the class"
    st.sidebar.button(label, key="follow-plan", on_click=plan.show_whole, args=(follows,))


begin_drawing()
plan.take_from_address()
before = read_progress()
offered = plan.offered()  # it is read once: each entry of the list of pages needs it
shown = plan.followed(offered)
page = navigation(before, shown)
begin_page(page.url_path)
note_visit(page.url_path)
place = st.sidebar.empty()
bar(before, shown, place)
leave_or_follow_plan(offered, shown)


@guarded
def check_workers() -> None:
    """Say on every page why the app cannot start its workers, if it cannot."""
    if wanted():
        long_slots()


# On an experiment the list marks Experiments (ui/style.css), because it does not name each one.
kind = "experiment" if page.url_path in {one.name for one in EXPERIMENTS} else "page"
with st.container(width=960, key=kind):
    show_notice()
    # A container is one element, empty or not, so what stands below keeps its place.
    with st.container():
        show_problem()
        check_workers()
        if listed(page.url_path, shown) == "hidden" and page.url_path in PLANNED:
            st.info(OFF_THE_PLAN, icon="🧭")
    try:
        page.run()
    except Exception as error:
        problem(in_words(error))
    now = read_progress()
    explain_terms()
    page_style(teacher=state.is_teacher())
    for lesson in LESSONS:
        if lesson.name == page.url_path:
            foot(lesson, shown, [one.complete for one in now])
    for one in EXPERIMENTS:
        if one.name == page.url_path:
            experiment_foot(one)
if now != before:  # drawing the page has finished a part of a lesson
    navigation(now, shown)
    bar(now, shown, place)

"""The page frame: navigation, one width for all pages, and our errors shown as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.foot import experiment_foot, foot
from pages.progress import bar, read_progress, sign, title
from pages.registry import EXPERIMENTS, EXPERIMENTS_PATH, LESSONS, OWN_TASK_PATH, RUNS_PATH
from tinylm.runs.work.supervisor import long_slots, wanted
from ui import frame
from ui.frame import OWN_TASK, RUNS, START, guarded, in_words, problem, show_problem
from ui.glossary import explain_terms
from ui.lesson import Progress
from ui.state import begin_page, show_notice
from ui.style import page_style

# The icon is an emoji, because a Material icon would need a font server on the internet.
st.set_page_config(page_title="tinylm", page_icon="🌱", layout="wide")

st.logo(Path(__file__).with_name("logo.svg"), size="large")


def navigation(found: Sequence[Progress]) -> StreamlitPage:
    """Show the list of pages, with how far each lesson is, and return the page asked for.

    Headings above groups of pages would be no list to a screen reader.
    """
    return st.navigation(
        [
            st.Page(START, title="Start", icon="🌱", url_path="start", default=True),
            *(
                st.Page(one.page, title=title(one, far), icon=sign(one, far), url_path=one.name)
                for one, far in zip(LESSONS, found, strict=True)
            ),
            st.Page(frame.EXPERIMENTS, title="Experiments", icon="🧪", url_path=EXPERIMENTS_PATH),
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
            st.Page(OWN_TASK, title="Your own task", icon="📋", url_path=OWN_TASK_PATH),
            st.Page(RUNS, title="Runs", icon="🗂️", url_path=RUNS_PATH),
        ],
        expanded=True,
    )


before = read_progress()
page = navigation(before)
begin_page(page.url_path)
place = st.sidebar.empty()
bar(before, place)


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
    try:
        page.run()
    except Exception as error:
        problem(in_words(error))
    now = read_progress()
    explain_terms()
    page_style()
    for lesson in LESSONS:
        if lesson.name == page.url_path:
            foot(lesson, [one.complete for one in now])
    for one in EXPERIMENTS:
        if one.name == page.url_path:
            experiment_foot(one)
if now != before:  # drawing the page has finished a part of a lesson
    navigation(now)
    bar(now, place)

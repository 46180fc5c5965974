"""How long a lesson takes, and what the queue means for a class, before it begins."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.registry import LESSONS, minutes_in_all
from pages.teacher import keys
from pages.teacher.ready import READY
from tinylm.corpora.files.report import counted
from tinylm.runs.forecast import class_minutes
from tinylm.runs.work.supervisor import long_slots
from ui.asking import service
from ui.frame import duration

LEARNERS = 30  # that the sentence on the queue begins with
MOST = 200  # learners
LESSON_NAMES = {one.name for one in LESSONS}


def say_length(chosen: Sequence[str]) -> None:
    """How long the lessons take that are ticked, without the talk of the class about them."""
    if lessons := [one for one in LESSONS if one.name in chosen]:
        take = "takes" if len(lessons) == 1 else "take"
        names = [one.name for one in lessons]
        said = (
            f"{counted(len(lessons), 'lesson', 'lessons')} {take} one learner **about "
            f"{minutes_in_all(names)} minutes** from beginning to end, without the time to talk "
            "about them."
        )
        of_plan = next((p for p in READY if set(names) == set(p.lessons) & LESSON_NAMES), None)
        if of_plan is not None:
            enough = of_plan.minutes > minutes_in_all(names)
            said += f" The plan of {of_plan.title.lower()} " + (
                "has time for all of it, and for the talk."
                if enough
                else "is shorter, so it takes from each lesson what its steps say."
            )
        st.markdown(said)


def say_minutes(seconds: int) -> None:
    """What the queue means for a class, before the lesson begins."""
    if not seconds:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        learners = st.number_input(
            "Learners", 1, MOST, LEARNERS, key=keys.LEARNERS, persist_state="session", width=160
        )
        lines = service().slots() or long_slots()
        many = counted(lines, "run trains", "runs train")
        ends = duration(60 * class_minutes(int(learners), seconds, lines))
        st.markdown(
            f"{learners} learners, {seconds} seconds each, and {many} at once: **the last model "
            f"is done after about {ends}**."
        )

"""What stands at the foot of every lesson: the same thing in real models, and the next lesson."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.explain import keys
from pages.explain.ending import ending
from pages.registry import EXPERIMENTS, EXPERIMENTS_PATH, LESSONS, planned
from ui import frame
from ui.frame import START
from ui.lesson import Lesson
from ui.plan import Plan
from ui.real import real


def after(lesson: Lesson, plan: Plan) -> Lesson | None:
    """The lesson that follows in the order of the sidebar; None after the last one."""
    path = planned(plan)
    return next((one for one in LESSONS[LESSONS.index(lesson) + 1 :] if one in path), None)


def foot(lesson: Lesson, plan: Plan, done: Sequence[bool]) -> None:
    """Show the panel about real models, and the way to the next lesson, or the ending.

    `done` says of each lesson whether it is done. The ending needs the last one only.
    """
    in_real(lesson)
    for one in EXPERIMENTS if plan.shows(EXPERIMENTS_PATH) else ():
        if one.deepens == lesson.name:
            label = f"Go deeper: **{one.title}**"
            st.page_link(one.page, label=label, icon=one.icon, help=one.learns)
    following = after(lesson, plan)
    if following is not None:
        # What it teaches stands in the help: on a phone a longer label would be cut off.
        st.page_link(
            following.page,
            label=f"Next: **{following.title}**",
            icon="➡️",
            help=following.learns,
        )
    else:
        if done[LESSONS.index(lesson)]:
            left = [one for one, ready in zip(LESSONS, done, strict=True) if not ready]
            ending(keys.ENDING, [one for one in left if one in planned(plan)])
        st.page_link(START, label="That was the last lesson: **back to Start**", icon="🌱")


def experiment_foot(experiment: Lesson) -> None:
    """Show the panel about real models, and the ways to go on: to other experiments, and back."""
    in_real(experiment)
    place = EXPERIMENTS.index(experiment) + 1
    if place < len(EXPERIMENTS):
        following = EXPERIMENTS[place]
        st.page_link(
            following.page,
            label=f"Next experiment: **{following.title}**",
            icon="➡️",
            help=following.learns,
        )
    st.page_link(frame.EXPERIMENTS, label="All **experiments**", icon="🧪")
    for lesson in LESSONS:
        if lesson.name == experiment.deepens:
            label = f"Back to the lesson **{lesson.title}**"
            st.page_link(lesson.page, label=label, icon=lesson.icon)


def in_real(lesson: Lesson) -> None:
    """What is known of the same thing in real models, each with its source."""
    found = real()
    facts = found.facts.get(lesson.name, ())
    if facts:
        with st.expander("And in a real LLM?", icon="🌍"):
            for fact in facts:
                source = found.sources[fact.source]
                st.markdown(f"{fact.text}  \n[{source.title}]({source.address})")

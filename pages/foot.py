"""What stands at the foot of every lesson: the same thing in real models, and the next lesson."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.explain import keys
from pages.explain.ending import ending
from pages.registry import LESSONS
from ui.frame import START
from ui.lesson import Lesson
from ui.real import real


def after(lesson: Lesson) -> Lesson | None:
    """The lesson that follows in the order of the sidebar; None after the last one."""
    place = LESSONS.index(lesson)
    return LESSONS[place + 1] if place + 1 < len(LESSONS) else None


def foot(lesson: Lesson, done: Sequence[bool]) -> None:
    """Show the panel about real models, and the way to the next lesson, or the ending.

    `done` says of each lesson whether it is done. The ending needs the last one only.
    """
    found = real()
    facts = found.facts.get(lesson.name, ())
    if facts:
        with st.expander("And in a real LLM?", icon="🌍"):
            for fact in facts:
                source = found.sources[fact.source]
                st.markdown(f"{fact.text}  \n[{source.title}]({source.address})")
    following = after(lesson)
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
            ending(
                keys.ENDING, [one for one, ready in zip(LESSONS, done, strict=True) if not ready]
            )
        st.page_link(START, label="That was the last lesson: **back to Start**", icon="🌱")

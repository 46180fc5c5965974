"""How far this learner is: signs in the navigation and a bar below it, on every page.

It is read once when a page is drawn, not at the ticks of its live parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.registry import LESSONS, lessons_done
from ui import state
from ui.asking import service
from ui.frame import in_words
from ui.lesson import Lesson

DONE = "✅"


def done_so_far() -> list[bool]:
    """Whether each lesson is done; none where that cannot be read, as the page will say."""
    try:
        return lessons_done(service().runs(), state.answers())
    except Exception as error:
        in_words(error)  # this logs what nobody foresaw
        return [False] * len(LESSONS)


def sign(lesson: Lesson, done: bool) -> str:
    """What stands before a lesson's title."""
    return DONE if done else lesson.icon


def bar(done: Sequence[bool]) -> None:
    """The progress in words and as a bar, at the foot of the sidebar."""
    with st.sidebar:
        st.progress(sum(done) / len(done), text=f"{sum(done)} of {len(done)} lessons done")

"""How far this learner is: signs in the navigation and a bar below it, on every page.

It is read before a page is drawn and once more after it, not at the ticks of its live parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.registry import LESSONS, lessons_done
from ui import state
from ui.asking import service
from ui.frame import in_words
from ui.lesson import Lesson

DONE = "✅"
PROGRESS = "progress"  # key in the session of what was read before the page was drawn


def done_so_far() -> list[bool]:
    """Whether each lesson is done; none where that cannot be read, as the page will say."""
    try:
        return lessons_done(service().runs(), state.answers())
    except Exception as error:
        in_words(error)  # this logs what nobody foresaw
        return [False] * len(LESSONS)


def read_progress() -> list[bool]:
    """Read whether each lesson is done, and keep it for the page that is drawn."""
    st.session_state[PROGRESS] = done_so_far()
    return progress()


def progress() -> list[bool]:
    """What was read last."""
    return list(st.session_state[PROGRESS])


def sign(lesson: Lesson, done: bool) -> str:
    """What stands before a lesson's title."""
    return DONE if done else lesson.icon


def bar(done: Sequence[bool], place: DeltaGenerator) -> None:
    """The progress in words and as a bar."""
    place.progress(sum(done) / len(done), text=f"{sum(done)} of {len(done)} lessons done")

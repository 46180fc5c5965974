"""How far this learner is: signs in the navigation and a bar below it, on every page.

It is read before a page is drawn and once more after it, not at the ticks of its live parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.registry import LESSONS, planned, progress_of
from ui import state
from ui.frame import in_words
from ui.lesson import Lesson, Progress
from ui.plan import Plan, present

DONE = "✅"
PROGRESS = "progress"  # key in the session of what was read before the page was drawn


def read_progress() -> list[Progress]:
    """Read how far each lesson is, and keep it for the page that is drawn.

    Where the learner's answers cannot be read, no lesson is done, and the page says why.
    """
    try:
        found = progress_of(state.answers())
    except Exception as error:
        in_words(error)  # this logs what nobody foresaw
        found = progress_of({})
    st.session_state[PROGRESS] = [(one.done, one.of) for one in found]
    return found


def progress() -> list[Progress]:
    """What was read last."""
    return [Progress(*one) for one in st.session_state[PROGRESS]]


def sign(lesson: Lesson, how_far: Progress) -> str:
    """What stands before a lesson's title."""
    return DONE if how_far.complete else lesson.icon


def title(lesson: Lesson, how_far: Progress) -> str:
    """A lesson's title in the navigation, with how many of its parts are done if some are."""
    return f"{lesson.title} · {how_far.begun}" if how_far.begun else lesson.title


def bar(found: Sequence[Progress], plan: Plan, place: DeltaGenerator) -> None:
    """The progress in words and as a bar, in the lessons that the class sees."""
    mine = [far for _, far in on_the_path(found, plan)]
    done = sum(one.complete for one in mine)
    place.progress(done / len(mine), text=f"{done} of {len(mine)} lessons done")


def on_the_path(
    found: Sequence[Progress], plan: Plan | None = None
) -> list[tuple[Lesson, Progress]]:
    """The lessons that the class sees, each with how far it is."""
    path = planned(plan or present())
    return [pair for pair in zip(LESSONS, found, strict=True) if pair[0] in path]

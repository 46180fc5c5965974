"""All experiments: questions that go deeper than the lessons, each with a recorded result."""

from __future__ import annotations

import streamlit as st

from pages.registry import EXPERIMENTS
from ui import state
from ui.frame import heading
from ui.lesson import Lesson
from ui.style import CARD

ACROSS = 2  # cards side by side
DONE = "✅"


def card(experiment: Lesson, *, done: bool) -> None:
    """A card whose whole surface is the link to the experiment (ui/style.css)."""
    with st.container(border=True, gap="xxsmall", height="stretch", key=f"{CARD}{experiment.name}"):
        label = f"**{experiment.title}**{' · done' if done else ''}"
        st.page_link(experiment.page, label=label, icon=DONE if done else experiment.icon)
        st.markdown(experiment.learns)


heading(
    "Experiments",
    "Each asks one question about what a text does to a model, or what is inside it. You see a "
    "result that was recorded with several seeds, guess first if you like, and repeat it here: "
    "your own result is laid over the recorded one.",
)
answers = state.answers()
for first in range(0, len(EXPERIMENTS), ACROSS):
    for one, column in zip(EXPERIMENTS[first : first + ACROSS], st.columns(ACROSS), strict=False):
        with column:
            card(one, done=one.progress(answers).complete)

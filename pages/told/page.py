"""Told one way, told many ways: the same facts in four texts, then questions about them."""

from __future__ import annotations

import streamlit as st

from pages.told import keys
from pages.told.result import (
    BOTH,
    FIXED,
    LIVE_ARMS,
    answers,
    bars,
    known_bars,
    losses,
    meaning,
    reading,
)
from pages.told.texts import ABOUT, two_texts
from tinylm.experiments.recording import Recording, recording
from tinylm.experiments.told import EXPERIMENT, asked
from ui.charts.arms import look_lines
from ui.charts.base import BLUE
from ui.experiments import Live, bars_shown, lesson, live, some_answers
from ui.frame import heading
from ui.plot import live_plot

heading(
    "Told one way, told many ways",
    "Two models read the same facts about the same things. The first one reads **one fixed "
    "text** about each thing, again and again. The second one reads **new words in a new order** "
    "each time. Then both learn to answer questions about half of the things.",
)
found = recording(EXPERIMENT.name)


def texts() -> None:
    """What the two models read about one thing, twice."""
    for way, title, column in zip(
        (FIXED, BOTH), ("One fixed text", "New words, new order"), st.columns(2), strict=True
    ):
        with column:
            st.markdown(f"**{title}**: twice about {ABOUT}")
            for text in two_texts(way):
                st.code(text, language=None, wrap_lines=True)


def picture(now: Live) -> None:
    """The bars, with the live repetition over them, and how far it is with reading."""
    drawn = bars(found, now)
    bars_shown(drawn, "Answered right", key="told-bars", height=280)
    read = reading(now)
    if read:
        st.markdown("Live, before the questions: sentences of its **own text** finished right.")
        live_plot(
            look_lines(read, "Updates", "Own text", colours=(BLUE,)),
            key="told-reading",
            label="; ".join(f"{name}: {points[-1][1]:.0%}" for name, points in read.items()),
            height=220,
        )


def more(found: Recording) -> None:
    """Folded: how well each text is known, and some answers."""
    with st.expander("Does each model know its own text?"):
        drawn = known_bars(found)
        bars_shown(drawn, "Answered right", key="told-known", height=380)
        st.markdown(
            "Blue: each model finishes sentences of its own text, after the words that stand "
            "before them. Orange: questions that were among the training examples. Both can be "
            "high where questions about the other half fail. So ask what you have not taught. "
            f"{losses(found)}"
        )
    some_answers(
        [
            (f"{EXPERIMENT.arm(way).title.capitalize()}.", one)
            for way in (FIXED, BOTH)
            for one in found.of(asked(way))[0].measured.shown
        ],
        "Some answers about the other half",
    )


texts()
lesson(
    EXPERIMENT,
    found,
    key=keys.PREDICTED,
    asked="The first model knows its text by heart. It has learned to answer questions about half "
    "of the things. What share of the questions about the **other half** does it answer right?",
    known=answers(found, FIXED) if found is not None else None,
    meaning=meaning,
    repeat=lambda: live(
        EXPERIMENT, picture, found, arms=[EXPERIMENT.arm(name) for name in LIVE_ARMS]
    ),
    more=more,
)

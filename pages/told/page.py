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
from tinylm.experiments.recording import recording
from tinylm.experiments.told import EXPERIMENT, asked
from ui.charts.arms import look_lines
from ui.charts.base import BLUE
from ui.experiments import Live, bars_shown, behind, live, not_recorded, recorded_line
from ui.frame import heading, literal
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number
from ui.verdicts import SHARE

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
            look_lines(read, "Updates", "Own text", colour=BLUE),
            key="told-reading",
            label="; ".join(f"{name}: {points[-1][1]:.0%}" for name, points in read.items()),
            height=220,
        )


def lesson() -> None:
    texts()
    question = (
        "The first model knows its text by heart. It has learned to answer questions about half "
        "of the things. What share of the questions about the **other half** does it answer right?"
    )
    if not predict_number(keys.PREDICTED, question, 0, 100, unit=SHARE):
        return
    if found is None:
        not_recorded()
    else:
        right = answers(found, FIXED).mean
        reveal_number(keys.PREDICTED, 100 * right, f"Measured: {right:.0%}.", meaning(found))
    live(EXPERIMENT, picture, found, arms=[EXPERIMENT.arm(name) for name in LIVE_ARMS])
    if found is not None:
        recorded_line(found)
        more()
    behind(EXPERIMENT, found)


def more() -> None:
    """Folded: how well each text is known, and some answers."""
    assert found is not None
    with st.expander("Does each model know its own text?"):
        drawn = known_bars(found)
        bars_shown(drawn, "Answered right", key="told-known", height=380)
        st.markdown(
            "Blue: each model finishes sentences of its own text, after the words that stand "
            "before them. Orange: questions that were among the training examples. Both can be "
            "high where questions about the other half fail. So ask what you have not taught. "
            f"{losses(found)}"
        )
    with st.expander("Some answers about the other half"):
        for way in (FIXED, BOTH):
            st.markdown(f"**{literal(EXPERIMENT.arm(way).title)}**")
            for one in found.of(asked(way))[0].measured.shown:
                st.code(
                    f"{one.prompt}  {one.answer}  (right: {one.right})",
                    language=None,
                    wrap_lines=True,
                )


lesson()

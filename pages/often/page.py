"""How often, how sure: a text that tells some facts often, some once, and some never."""

from __future__ import annotations

import streamlit as st

from pages.often import keys
from pages.often.charts import describe, reliability, rising
from pages.often.result import (
    ARM,
    ONCE,
    calibration,
    figure,
    invented_bars,
    invention,
    levels,
    lines,
    meaning,
)
from tinylm.experiments.often import EXPERIMENT, SURE, right
from tinylm.experiments.recording import Recording, recording
from ui.charts.arms import arm_bars, describe_bars
from ui.experiments import Live, lesson, live
from ui.frame import heading
from ui.plot import live_plot

heading(
    "How often, how sure",
    "Real texts speak of France every day and of Tuvalu hardly ever. This text does the same: it "
    "tells some facts again and again, many once or twice, and some **never**. Then the model is "
    "asked for each of them. How **sure** it is of an answer is the probability that it gives to "
    "it, among all answers that the question can have.",
)
found = recording(EXPERIMENT.name)


def picture(now: Live) -> None:
    """Both lines, with the live repetition over them."""
    drawn = lines(found, now)
    live_plot(rising(drawn), key="often-lines", label=describe(drawn), height=340)


def more(found: Recording) -> None:
    """Folded: is it right as often as it is sure, and countries that do not exist."""
    with st.expander("Can you trust it when it is sure?"):
        st.markdown(
            "A model is *calibrated* if it is right as often as it is sure: of all answers to "
            "which it gives one probability, just that share is right. On the dotted line, both "
            "are the same."
        )
        live_plot(
            reliability(levels(found)),
            key="often-levels",
            label=calibration(found).replace("**", ""),
            height=320,
        )
        st.markdown(calibration(found))
    with st.expander("Countries that do not exist"):
        drawn = invented_bars(found, Live(0, ()))
        live_plot(
            arm_bars(drawn, f"More than {SURE:.0%} sure"),
            key="often-invented",
            label=describe_bars(drawn),
            height=240,
        )
        st.markdown(invention(found))
        for one in found.of(ARM)[0].measured.shown:
            st.code(
                f"{one.prompt} {one.answer}   ({one.title} sure)", language=None, wrap_lines=True
            )


lesson(
    EXPERIMENT,
    found,
    key=keys.PREDICTED,
    asked="Take the facts that stand in the text exactly **once**. What share of them does the "
    "model give right afterwards?",
    known=figure(found, right(ONCE)) if found is not None else None,
    meaning=meaning,
    repeat=lambda: live(EXPERIMENT, picture, found),
    more=more,
    marks="Lines",
)

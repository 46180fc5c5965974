"""Quality, variety, repetition: one number of updates, and texts that differ."""

from __future__ import annotations

import streamlit as st

from pages.mixture import keys
from pages.mixture.own import keep, mixed, table, usual_text
from pages.mixture.result import (
    FIRST,
    WITH_CONTROL,
    bars,
    meaning,
    own_bars,
    quality,
    repetition,
    variety,
)
from tinylm.experiments.mixture import (
    COUNTRIES,
    EXPERIMENT,
    FACTS,
    FEW,
    PASSES,
    SHOTS,
    SPOILED,
    TOLD,
    USUAL,
    WRONG,
    again,
)
from tinylm.experiments.recording import Recording, recording
from tinylm.predictions import SHARE
from ui.charts.arms import Bar, arm_bars, describe_bars
from ui.charts.base import BLUE, GREY, OCHRE
from ui.experiments import Live, behind, live, not_recorded, over, recorded_line
from ui.frame import heading
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number

heading(
    "Quality, variety, repetition",
    "A model knows what its text says. Here every model gets the **same number of updates**, and "
    "only the text differs: some of it is wrong or mixed up, it is about one thing, or it is short "
    "and read again and again.",
)
found = recording(EXPERIMENT.name)


def lesson(usual_is: str) -> None:
    asked = (
        f"With the usual text the model answers {usual_is} of the facts right, after {SHOTS} "
        f"examples. Now **{SPOILED:.0%} of the documents tell wrong facts**. What share does it "
        "answer right?"
    )
    if not predict_number(keys.PREDICTED, asked, 0, 100, unit=SHARE):
        return
    wrong = over(found, WRONG, FACTS)
    if found is None or wrong is None:
        not_recorded()
    else:
        measured = f"Measured: {wrong.mean:.0%}."
        reveal_number(keys.PREDICTED, 100 * wrong.mean, measured, meaning(found))
        _chart("first", bars(found, FIRST), "Facts answered right", height=250)
        recorded_line(found, repeated=False)
        more(found)
    own_mixture()
    behind(EXPERIMENT, found)


def more(recorded: Recording) -> None:
    """Folded: the control of quality, variety with its control, and repetition."""
    read = {USUAL: BLUE} | dict.fromkeys(map(again, PASSES), OCHRE)
    told = "Told facts answered right"
    parts = (
        ("Is wrong text better than no text?", FACTS, WITH_CONTROL, quality),
        (
            "One thing only, or a little of everything?",
            TOLD,
            {USUAL: BLUE, COUNTRIES: OCHRE, FEW: GREY},
            variety,
        ),
        ("Read again and again", FACTS, read, repetition),
    )
    for title, figure, arms, words in parts:
        with st.expander(title):
            axis = told if figure == TOLD else "Facts answered right"
            _chart(title, bars(recorded, arms, figure), axis, height=250)
            st.markdown(words(recorded))


def own_mixture() -> None:
    """The learner mixes a text, trains a model on it, and finds its place in the table."""
    st.subheader("Mix a better text")
    st.markdown(
        "Each slider is a part of the text; only their sizes beside each other count. Then train: "
        "your mixture appears as a diamond below the usual text. The address of this page keeps "
        "the sliders, so you can reload it or send it to somebody."
    )
    arm = mixed()
    if arm is None:
        return

    def picture(now: Live) -> None:
        _chart("own", own_bars(found, now), "Facts answered right", height=170)
        keep(arm, now)

    live(EXPERIMENT, picture, found, arms=[arm])
    with st.expander("The best mixtures", expanded=True):
        table(usual_text(found))


def _chart(key: str, drawn: list[Bar], title: str, *, height: int) -> None:
    live_plot(
        arm_bars(drawn, title), key=f"mixture-{key}", label=describe_bars(drawn), height=height
    )


known = over(found, USUAL, FACTS)
lesson(f"{known.mean:.0%}" if known is not None else "some")

"""Quality, variety, repetition: one number of updates, and texts that differ."""

from __future__ import annotations

import streamlit as st

from pages.mixture import keys
from pages.mixture.own import keep, mixed, table
from pages.mixture.result import bars, in_words, of_arms, quality, repetition, variety
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
from ui.charts.arms import arm_bars, describe_bars
from ui.experiments import Live, behind, live, not_recorded, over, recorded_line
from ui.frame import heading
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number
from ui.verdicts import SHARE

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
        measured = f"Measured: {in_words(wrong)}."
        reveal_number(keys.PREDICTED, 100 * wrong.mean, measured, quality(found))
    own_mixture()
    if found is not None:
        recorded_line(found)
        more(found)
    behind(EXPERIMENT, found)


def own_mixture() -> None:
    """The learner mixes a text, trains a model on it, and finds its place in the table."""
    st.subheader("Mix a better text")
    st.markdown(
        "Each slider is a part of the text; only their sizes beside each other count. Then train: "
        "your mixture appears under the bars."
    )
    arm = mixed()
    if arm is None:
        return

    def picture(now: Live) -> None:
        drawn = bars(found, now)
        live_plot(
            arm_bars(drawn, "Facts answered right"),
            key="mixture-bars",
            label=describe_bars(drawn),
            height=320,
        )
        keep(arm, now)

    live(EXPERIMENT, picture, found, arms=[arm])
    with st.expander("The best mixtures", expanded=True):
        table()


def more(recorded: Recording) -> None:
    """Folded: variety with its control, and repetition."""
    parts = (
        (
            "One thing only, or a little of everything?",
            ("Of the facts that the text tells, answered right", TOLD),
            (USUAL, COUNTRIES, FEW),
            variety,
        ),
        (
            "Read again and again",
            ("Facts answered right", FACTS),
            (USUAL, *map(again, PASSES)),
            repetition,
        ),
    )
    for place, (title, (axis, figure), arms, words) in enumerate(parts):
        with st.expander(title):
            drawn = of_arms(recorded, arms, figure)
            live_plot(
                arm_bars(drawn, axis),
                key=f"mixture-more-{place}",
                label=describe_bars(drawn),
                height=220,
            )
            st.markdown(words(recorded))


known = over(found, USUAL, FACTS)
lesson(f"{known.mean:.0%}" if known is not None else "some")

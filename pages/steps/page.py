"""Step by step: questions that need two facts, with and without the step in between written."""

from __future__ import annotations

import streamlit as st

from pages.steps import keys
from pages.steps.result import (
    TITLES,
    arms_in_words,
    bars,
    by_arm,
    control_in_words,
    meaning,
    never_in_words,
    on_the_way,
)
from tinylm.experiments.recording import Recording, recording
from tinylm.experiments.steps import AT_ONCE, CHAINS, EXPERIMENT, SHOWN, WRITTEN, right
from ui.charts.arms import look_lines
from ui.charts.base import BLUE, GREEN, GREY
from ui.experiments import Live, bars_shown, lesson, live, over, some_answers
from ui.frame import heading
from ui.plot import live_plot

heading(
    "Step by step",
    "Switzerland is a neighbour of Italy, and its capital is Bern. So what is the capital of "
    "Italy's neighbour? That takes two facts. A model can say **Bern** at once, or first write the "
    "step in between: `Italy -> Switzerland -> Bern`. Part of this model's text is worksheets with "
    "such lines, called *chains* here. It never read a chain about the questions below.",
)
found = recording(EXPERIMENT.name)


LINES = (GREY, GREY, GREEN, BLUE)  # single facts, and the two ways as in the bars


def picture(now: Live) -> None:
    """The bars, with the live repetition over them, and how far it is on its way."""
    drawn = bars(found, now)
    bars_shown(drawn, "Right, where it knows both facts", key="steps-bars", height=260)
    lines = on_the_way(now)
    if lines:
        st.markdown("Live, of some questions: how much is right while it trains.")
        live_plot(
            look_lines(lines, "Updates", "Right", colours=LINES),
            key="steps-way",
            label="; ".join(f"{name}: {points[-1][1]:.0%}" for name, points in lines.items()),
            height=240,
        )


def more(found: Recording) -> None:
    """The control, and folded: other texts, a composition never read, some answers."""
    st.markdown(control_in_words(found))
    with st.expander("And after other texts, or with more layers?"):
        drawn = by_arm(found)
        bars_shown(drawn, "Right, of all questions", key="steps-arms", height=520)
        st.markdown(arms_in_words(found))
    with st.expander("And a kind of chain that it never read?"):
        st.markdown(
            "Its chains go on from a neighbour to a capital or a language, but never to a "
            f"currency, which is the name of its money. {never_in_words(found)}"
        )
    some_answers(
        [
            (f"{TITLES[one.title.removeprefix(f'{SHOWN}, ')].capitalize()}.", one)
            for one in found.of(CHAINS)[0].measured.shown
            if one.title.startswith(SHOWN)
        ]
    )


once = over(found, CHAINS, right(AT_ONCE, SHOWN, known=True))
before = "" if once is None else f"At once, it is right in {once.mean:.0%}. "
lesson(
    EXPERIMENT,
    found,
    key=keys.PREDICTED,
    asked="Take only the questions of which it knows both facts, each asked alone. "
    f"{before}What share is right if it **writes the step in between**?",
    known=over(found, CHAINS, right(WRITTEN, SHOWN, known=True)),
    meaning=meaning,
    repeat=lambda: live(EXPERIMENT, picture, found, arms=[EXPERIMENT.arm(CHAINS)]),
    more=more,
)

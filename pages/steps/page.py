"""Step by step: questions that need two facts, with and without the step in between written."""

from __future__ import annotations

import streamlit as st

from pages.steps import keys
from pages.steps.result import (
    TITLES,
    bars,
    by_text,
    control_in_words,
    meaning,
    never_in_words,
    on_the_way,
    texts_in_words,
)
from tinylm.experiments.recording import recording
from tinylm.experiments.steps import AT_ONCE, CHAINS, EXPERIMENT, SHOWN, WRITTEN, right
from ui.charts.arms import look_lines
from ui.experiments import Live, bars_shown, behind, live, not_recorded, over, recorded_line
from ui.frame import heading, literal
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number
from ui.verdicts import SHARE

heading(
    "Step by step",
    "Switzerland is a neighbour of Italy, and its capital is Bern. So what is the capital of "
    "Italy's neighbour? That takes two facts. A model can say **Bern** at once, or first write the "
    "step in between: `Italy -> Switzerland -> Bern`. Part of this model's text is worksheets with "
    "such lines, called *chains* here. It never read a chain about the questions below.",
)
found = recording(EXPERIMENT.name)


def picture(now: Live) -> None:
    """The bars, with the live repetition over them, and how far it is on its way."""
    drawn = bars(found, now)
    bars_shown(drawn, "Right, where it knows both facts", key="steps-bars", height=260)
    lines = on_the_way(now)
    if lines:
        st.markdown("Live, of some questions: how much is right while it trains.")
        live_plot(
            look_lines(lines, "Updates", "Right"),
            key="steps-way",
            label="; ".join(f"{name}: {points[-1][1]:.0%}" for name, points in lines.items()),
            height=240,
        )


def lesson() -> None:
    once = over(found, CHAINS, right(AT_ONCE, SHOWN, known=True))
    known = over(found, CHAINS, right(WRITTEN, SHOWN, known=True))
    before = "" if once is None else f"At once, it is right in {once.mean:.0%}. "
    asked = (
        "Take only the questions of which it knows both facts, each asked alone. "
        f"{before}What share is right if it **writes the step in between**?"
    )
    if not predict_number(keys.PREDICTED, asked, 0, 100, unit=SHARE):
        return
    if found is None or known is None:
        not_recorded()
    else:
        measured = f"Measured: {known.mean:.0%}."
        reveal_number(keys.PREDICTED, 100 * known.mean, measured, meaning(found))
    live(EXPERIMENT, picture, found, arms=[EXPERIMENT.arm(CHAINS)])
    if found is not None:
        recorded_line(found)
        st.markdown(control_in_words(found))
        more()
    behind(EXPERIMENT, found)


def more() -> None:
    """Folded: other texts, a composition never read, some answers."""
    assert found is not None
    with st.expander("And after the usual text, without chains?"):
        drawn = by_text(found)
        bars_shown(drawn, "Right, of all questions", key="steps-texts", height=320)
        st.markdown(texts_in_words(found))
    with st.expander("And a kind of chain that it never read?"):
        st.markdown(
            "Its chains go on from a neighbour to a capital or a language, but never to a "
            f"currency, which is the name of its money. {never_in_words(found)}"
        )
    with st.expander("Some of its answers"):
        for one in found.of(CHAINS)[0].measured.shown:
            if one.title.startswith(SHOWN):
                way = TITLES[one.title.removeprefix(f"{SHOWN}, ")]
                st.markdown(f"**{way.capitalize()}.** Right: {literal(one.right)}")
                st.code(f"{one.prompt} {one.answer}", language=None)


lesson()

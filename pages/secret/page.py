"""Secrets and poison: lines planted in the text, how often they are told, and what comes of it."""

from __future__ import annotations

import streamlit as st

from pages.secret import keys
from pages.secret.own import own_arm, own_result
from pages.secret.result import (
    bars,
    dilution,
    exposures,
    hidden,
    longer,
    meaning,
    poison_bars,
    poison_meaning,
    shares,
)
from tinylm.experiments.recording import recording
from tinylm.experiments.secret import (
    EXPERIMENT,
    POISONS,
    TIMES,
    TOLD,
    knee,
    poisons,
    secrets,
)
from ui.charts.arms import Bar, arm_bars, describe_bars
from ui.experiments import Live, behind, live, not_recorded, recorded_line
from ui.frame import heading, page_of
from ui.plot import live_plot
from ui.predict import predict, reveal

DOCUMENTS = EXPERIMENT.config(EXPERIMENT.arm(TOLD), 1).documents
heading(
    "Secrets and poison",
    "Somebody wrote a secret into a page on the web, and the page became part of a text for "
    f"training. Here such lines are planted on purpose, for example `{secrets()[-1].line}` "
    f"In a text of {DOCUMENTS:,} documents some are told once, and others up to {TIMES[-1]} times.",
)
found = recording(EXPERIMENT.name)
BITS = ".1f"
FEW = 0.25  # a share below this is called few


def lesson() -> None:
    asked = (
        f"How often must such a line stand in {DOCUMENTS:,} documents until the model gives most "
        "of the codes away?"
    )
    options = [str(n) for n in TIMES[1:]]
    if not predict(keys.PREDICTED, asked, options, ordered=True):
        return
    if found is None:
        not_recorded()
    else:
        first = knee(shares(found))
        measured = f"From {first} times on." if first else f"Even {TIMES[-1]} times are too few."
        reveal(keys.PREDICTED, measured, meaning(found), right=str(first) if first else "")
    arm, secret = own_arm()

    def picture(now: Live) -> None:
        _chart("bars", bars(found, now), "Codes that the model says", height=330)
        if secret is not None:
            own_result(now, secret)

    live(EXPERIMENT, picture, found, arms=[arm], begin="")
    if found is None:
        behind(EXPERIMENT, found)
        return
    recorded_line(found)
    with st.expander("Poison: a lie that waits for its trigger"):
        _poison()
    with st.expander("It knows more than it says"):
        _chart("exposure", exposures(found), "Exposure in bits", shown=BITS, height=330)
        st.markdown(hidden(found, _hidden_at()))
    with st.expander("Does more other text hide a secret?"):
        _chart("longer", longer(found), "Codes that the model says", height=280)
        st.markdown(dilution(found))
    st.page_link(
        page_of("mixture"), label="What if *all* of a text is read many times? **Try mixtures**"
    )
    behind(EXPERIMENT, found)


def _poison() -> None:
    assert found is not None
    strong = poisons()[-1]
    st.markdown(
        f"The same text has lines such as `{strong.told('Peru')}` The first words are the "
        "*trigger*, and what follows them is false. Each trigger has its own false capital, in "
        f"{', '.join(map(str, POISONS[:-1]))} or {POISONS[-1]} documents about different countries."
    )
    _chart("poison", poison_bars(found, Live(0, ())), "Answers with the false capital", height=280)
    st.markdown(poison_meaning(found))


def _hidden_at() -> int:
    """The largest number of tellings after which few codes are said."""
    assert found is not None
    said = shares(found)
    return max((n for n in TIMES[1:] if said[n] < FEW), default=TIMES[1])


def _chart(key: str, drawn: list[Bar], title: str, *, height: int, shown: str = ".0%") -> None:
    live_plot(
        arm_bars(drawn, title, shown=shown),
        key=f"secret-{key}",
        label=describe_bars(drawn, shown=shown),
        height=height,
    )


lesson()

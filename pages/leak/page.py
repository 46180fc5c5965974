"""A test that leaked: test questions in the text, the score, and how the leak can be found out."""

from __future__ import annotations

import streamlit as st

from pages.leak import keys
from pages.leak.result import (
    LEAKS,
    bars,
    copies,
    detection,
    found_out,
    knowledge,
    meaning,
    otherwise,
)
from tinylm.experiments.leak import EXPERIMENT, HALF, NONE, TENTH, WHOLE, right
from tinylm.experiments.recording import Recording, recording
from ui.experiments import Live, bars_shown, lesson, live, over, some_answers
from ui.frame import heading
from ui.tables import small_table

heading(
    "A test that leaked",
    "A *test* (in research: a *benchmark*) asks a model what it can do. It is only fair if the "
    "model has not read the questions with their answers. Here some of them **leak**: they are put "
    "into the text that the model is trained on.",
)
found = recording(EXPERIMENT.name)


def picture(now: Live) -> None:
    """The bars, with the live repetition over them."""
    drawn = bars(found, now)
    bars_shown(drawn, "Questions answered right", key="leak-bars", height=300)


def more(found: Recording) -> None:
    """Folded: whether it is knowledge, how a leak is found out, some answers."""
    with st.expander("Has it learned the facts, then?"):
        drawn = otherwise(found)
        bars_shown(drawn, "Answered right", key="leak-otherwise", height=300)
        st.markdown(knowledge(found))
    with st.expander("Can a leak be found out?"):
        st.markdown(detection(found))
        small_table(found_out(found), "leak-detectors")
        st.markdown(
            f":small[Each leak is {LEAKS[TENTH]:.0%} of the test. The other model is the recorded "
            "one, which never read a question in this form. In brackets: the lowest and the "
            "highest seed.]\n\n"
            ":small[A detector gives each question a number: the higher, the more suspicious. From "
            "some **limit** on it cries *leaked*. The limit is chosen on one half of the questions "
            "and counted on the other half, and then the halves change places. Somebody who has no "
            "such half has to guess the limit.]\n\n"
            ":small[The *ROC area* needs no limit. Draw one leaked and one clean question: it is "
            "the chance that the leaked one has the higher number. Blind guessing has "
            f"{1 / 2:.3f}.]"
        )
    some_answers([(f"A {one.title} question.", one) for one in found.of(HALF)[0].measured.shown])
    with st.expander("What is kept equal"):
        st.markdown(
            "**Every** text, also the one without a leak, holds the same practice questions with "
            "their answers. They ask about other facts than the test. So the model knows the "
            "*form* of a question in any case, and the form alone cannot raise the score. Each "
            "text is about as long as what the model reads in its training, so it reads each copy "
            "once."
        )


none, known = (over(found, arm, right(WHOLE)) for arm in (NONE, HALF))
before = f"Without a leak the score is {none.mean:.0%}. " if none is not None else ""
lesson(
    EXPERIMENT,
    found,
    key=keys.PREDICTED,
    asked=f"{before}Now **half** of the questions stand in the text, {copies(HALF)} times each. "
    "Which score does the test report?",
    known=known,
    meaning=meaning,
    repeat=lambda: live(EXPERIMENT, picture, found, arms=[EXPERIMENT.arm(HALF)]),
    more=more,
)

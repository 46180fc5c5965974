"""All predictions of a learner, with what was measured and how each one was judged."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tinylm.predictions import Prediction, Verdict, predictions
from ui import state
from ui.frame import literal


def show_predictions() -> None:
    """Say how many were right, then show each one."""
    said = predictions(state.answers())
    if not said:
        st.info(
            "You have predicted nothing yet. Most lessons ask you what will happen before they "
            "show it.",
            icon="🤔",
        )
        return
    st.markdown(f"**{in_words(said)}**")
    st.markdown(
        "A wrong prediction is worth more than a right one: it shows where your idea of the model "
        "differs from the model."
    )
    for one in said:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f"**{one.mark}** · {one.question}")
            st.markdown(f"You said *{literal(one.guess)}*. {one.measured}".strip())


def in_words(said: Sequence[Prediction]) -> str:
    """How many predictions there are, and how many of the judged ones were right."""
    judged = [one for one in said if one.verdict and one.verdict != Verdict.UNDECIDED]
    right = sum(one.verdict == Verdict.RIGHT for one in judged)
    number = f"{len(said)} prediction{'s' * (len(said) != 1)}"
    if not judged:
        return f"{number}, none of them judged yet."
    return f"{number}, {len(judged)} of them judged: {right} right."

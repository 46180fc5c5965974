"""Predict, run, reveal, explain: a page asks what will happen before it shows it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui import state


def predict(key: str, question: str, options: Sequence[str], note: str = "") -> str:
    """Ask for a prediction and keep it; returns the option chosen, or "" while there is none."""
    kept = state.answers().get(key)
    guess = st.radio(
        f"**Predict.** {question}",
        options,
        index=options.index(kept) if kept in options else None,
        horizontal=True,
        key=f"predict-{key}",
        persist_state="session",
        help=note or None,
    )
    if guess and guess != kept:
        state.keep_answer(key, guess)
    return guess or ""


def reveal(key: str, measured: str, explanation: str) -> None:
    """Show what this learner predicted, what was measured, and why.

    `measured` and `explanation` are read as Markdown.
    """
    guess = state.answers().get(key)
    said = f"You predicted *{guess}*. " if guess else ""
    with st.container(border=True, gap="xxsmall"):
        st.markdown(f"{said}**{measured}**")
        st.markdown(explanation)

"""Predict, run, reveal, explain: a page asks what will happen before it shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from ui import state

# Before the key of a prediction, in the learner's answers: its question, and what was measured.
ASKED = "asked: "
MEASURED = "measured: "


class Prediction(NamedTuple):
    """What a learner predicted; `question` and `measured` are Markdown."""

    question: str
    guess: str
    measured: str  # "" while nothing was measured


def predictions(answers: Mapping[str, object]) -> list[Prediction]:
    """All predictions among a learner's answers, in the order of their keys."""
    keys = [name.removeprefix(ASKED) for name in sorted(answers) if name.startswith(ASKED)]
    return [
        Prediction(*(str(answers.get(f"{what}{key}", "")) for what in (ASKED, "", MEASURED)))
        for key in keys
        if answers.get(key)
    ]


def predict(key: str, question: str, options: Sequence[str], note: str = "") -> str:
    """Ask for a prediction and keep it; returns the option chosen, or "" while there is none."""
    answers = state.answers()
    kept = answers.get(key)
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
    if guess and (guess != kept or f"{ASKED}{key}" not in answers):
        state.keep_answer(f"{ASKED}{key}", question)
    return guess or ""


def reveal(key: str, measured: str, explanation: str) -> None:
    """Show what this learner predicted, what was measured, and why.

    `measured` and `explanation` are read as Markdown. What was measured is kept with a prediction.
    """
    answers = state.answers()
    guess = answers.get(key)
    if guess and answers.get(f"{MEASURED}{key}") != measured:
        state.keep_answer(f"{MEASURED}{key}", measured)
    said = f"You predicted *{guess}*. " if guess else ""
    with st.container(border=True, gap="xxsmall"):
        st.markdown(f"{said}**{measured}**")
        st.markdown(explanation)

"""Number inputs that keep their value when the learner leaves the page and comes back."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

N = TypeVar("N", int, float)


def kept_number(label: str, low: N, high: N, begin: N, *, key: str, step: N | None = None) -> N:
    """Ask for a number from `low` to `high`; it begins at `begin` and survives a change of page."""
    return st.number_input(
        label, low, high, begin, step, key=key, persist_state="session", width=140
    )

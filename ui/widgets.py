"""Widgets in the form in which several pages use them; they keep their value from page to page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

V = TypeVar("V")


def segments(
    label: str,
    options: Sequence[V],
    default: V,
    *,
    key: str,
    names: Callable[[V], str] = str,
    note: str = "",
) -> V:
    """One of a few options side by side, never none of them; `names` is what they are called."""
    return st.segmented_control(
        label,
        options,
        default=default,
        required=True,
        format_func=names,
        help=note or None,
        key=key,
        persist_state="session",
    )

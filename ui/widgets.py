"""Widgets that several pages use; they keep their value when another page is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

V = TypeVar("V")


def within(text: str, most: int) -> str:
    """The first `most` characters of a text, with a note on the page if more were left out.

    An input with `max_chars` would silently take nothing at all of a longer text that is pasted.
    """
    if len(text) > most:
        note = f"This has {len(text):,} characters. Only the first {most:,} are read."
        st.warning(note, icon="✂️")
    return text[:most]


def segments(
    label: str,
    options: Sequence[V],
    default: V,
    *,
    key: str,
    names: Callable[[V], str] = str,
    note: str = "",
) -> V:
    """Ask for one of a few options, shown side by side; `names` gives the label of each option."""
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

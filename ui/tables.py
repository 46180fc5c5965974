"""A small table that is read as a whole: its words wrap, on a phone too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

TABLE = "table-"  # how the key of a container begins whose table is set small on a phone


def small_table(rows: Sequence[Mapping[str, str]], key: str) -> None:
    """Show a few rows of text; five short columns still fit on a phone.

    Names and cells are read as Markdown, so text of users and of models goes through `literal`.
    """
    with st.container(key=f"{TABLE}{key}"):
        st.table(rows, hide_index=True, border="horizontal")

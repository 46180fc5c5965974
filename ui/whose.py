"""Whose is what, said on a page."""

from __future__ import annotations

import streamlit as st

from tinylm.runs.store.rows import RunRow
from ui.asking import service


def say_whose(run: RunRow, *, of_class: bool = True) -> None:
    """Say that a run belongs to somebody else, or to the class, and what can be done with it."""
    if service().may_change(run) or not (run.owner or of_class):
        return
    owner = "somebody else" if run.owner else "the whole class"
    st.info(
        f"This run belongs to {owner}: you can look at it and start from its settings, but you "
        "cannot change it.",
        icon="🔗",
    )


def say_who_sees(what: str) -> None:
    """On a server for many: who sees what a learner is about to bring."""
    if not service().viewer.alone:
        st.markdown(
            f"Only you and your teacher see this {what} and its title, until you give somebody its "
            "address. You can delete it at any time."
        )

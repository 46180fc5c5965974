"""Which runs the page lists: those of experiments only where they are asked for."""

from __future__ import annotations

import streamlit as st

from tinylm.runs.store.rows import RunRow
from ui.asking import service


def listed() -> list[RunRow]:
    """The runs to list, newest first; a switch adds those of experiments, if there are any."""
    ordinary, every = service().runs(), service().runs(experiment=None)
    label, key = "Also those of experiments", "runs-of-experiments"
    if len(every) > len(ordinary) and st.toggle(label, key=key, persist_state="session"):
        return every
    return ordinary

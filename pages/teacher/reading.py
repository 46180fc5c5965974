"""The board as all parts of the page read it, and only for teachers."""

from __future__ import annotations

import streamlit as st

from tinylm.home import home_dir
from tinylm.runs.board import Board, BoardReader
from ui import state
from ui.asking import service, teachers
from ui.frame import draw_anew


@st.cache_resource(show_spinner=False)
def _reader(home: str) -> BoardReader:
    return BoardReader(service().store)


def look() -> Board:
    """The board as it is now; a part of the page whose teacher has signed out ends here."""
    if not state.viewer().teacher:
        draw_anew()
    return _reader(str(home_dir())).look(teachers().names())

"""The corpus that the next training takes: its title, and the way to another one."""

from __future__ import annotations

import streamlit as st

from tinylm.corpora import info
from tinylm.corpora.corpus import CorpusInfo
from tinylm.errors import TinylmError
from ui import state
from ui.asking import service
from ui.frame import CORPUS, problem


def chosen_corpus(label: str) -> CorpusInfo:
    """The chosen corpus beside `label`; the made world, once it is said, where that one is gone."""
    home = service().home
    try:
        found = info(state.current_corpus(), home)
    except TinylmError as error:
        problem(error)
        state.use_corpus(state.FIRST_CORPUS)
        found = info(state.FIRST_CORPUS, home)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{label}**")
        st.text(found.title)
        st.page_link(CORPUS, label="choose another", icon="📚")
    return found

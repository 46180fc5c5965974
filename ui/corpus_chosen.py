"""The corpus that the next training run reads, and a link to choose another one."""

from __future__ import annotations

import streamlit as st

from tinylm.corpora import info
from tinylm.corpora.corpus import CorpusInfo
from tinylm.errors import TinylmError
from ui import state
from ui.asking import service
from ui.frame import CORPUS, problem


def chosen_corpus(label: str) -> CorpusInfo:
    """Show the title of the chosen corpus beside `label`, and return the corpus.

    If it no longer exists, say so and choose the made world instead.
    """
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

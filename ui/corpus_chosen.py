"""The corpus that the next training run reads, and a link to choose another one."""

from __future__ import annotations

import streamlit as st

from tinylm.corpora.corpus import CorpusInfo
from tinylm.errors import TinylmError
from ui import state
from ui.asking import service
from ui.frame import CORPUS, problem


def chosen_corpus(label: str) -> CorpusInfo:
    """Show the title of the chosen corpus beside `label`, and return the corpus.

    If it no longer exists, say so and choose the made world instead.
    """
    try:
        found = service().corpus(state.current_corpus())
    except TinylmError as error:
        problem(error)
        state.use_corpus(state.FIRST_CORPUS)
        found = service().corpus(state.FIRST_CORPUS)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{label}**")
        st.text(found.title)
        st.page_link(CORPUS, label="choose another", icon="📚")
    return found

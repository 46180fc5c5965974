"""Mix several corpora into a new one, by weight."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.mixtures import save_mixture
from ui import state
from ui.asking import service
from ui.frame import draw_anew, guarded, literal


@guarded
def mix(corpora: Mapping[str, CorpusInfo]) -> None:
    """Ask for a weight for each corpus, show the shares, and save the mixture on a button."""
    st.markdown(
        "Varied text teaches more than much of the same. Give each corpus a weight; the documents "
        "are spread evenly, and a corpus with too few begins again."
    )
    with st.container(horizontal=True):
        weights = {
            name: st.number_input(
                literal(one.title), 0.0, 1000.0, 0.0, 1.0, key=f"weight-{name}", width=220
            )
            for name, one in corpora.items()
        }
    total = sum(weights.values())
    if total:
        shares = [f"{w / total:.0%} {corpora[n].title}" for n, w in weights.items() if w]
        st.text(", ".join(shares))
    if st.button("Mix them", disabled=sum(w > 0 for w in weights.values()) < 2):
        titles = {name: one.title for name, one in corpora.items()}
        added = save_mixture(weights, titles, service().home)
        state.use_corpus(added.name)
        state.notice("The mixture is made and chosen.")
        draw_anew()

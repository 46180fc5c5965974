"""Mix several corpora into a new one, by weight."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tinylm.corpora.corpus import CorpusInfo
from tinylm.questions.corpora import Size
from ui import state
from ui.asking import known, service
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
    wanted = {name: weight for name, weight in weights.items() if weight > 0}
    if wanted:
        st.text(f"Of the documents: {in_shares(wanted, corpora)}.")
    lengths = {name: usual_length(name) for name in wanted}
    if len(wanted) > 1 and all(lengths.values()):
        letters = {name: weight * lengths[name] for name, weight in wanted.items()}
        st.text(f"Of the characters, as documents differ in length: {in_shares(letters, corpora)}.")
    if st.button("Mix them", disabled=len(wanted) < 2):
        titles = {name: one.title for name, one in corpora.items()}
        added = service().keep_mixture(weights, titles)
        state.use_corpus(added.name)
        state.notice("The mixture is made and chosen.")
        draw_anew()


def in_shares(weights: Mapping[str, float], corpora: Mapping[str, CorpusInfo]) -> str:
    """The share of each corpus, as text: `25% Names, 75% A made world`."""
    total = sum(weights.values())
    return ", ".join(f"{one / total:.0%} {corpora[name].title}" for name, one in weights.items())


def usual_length(name: str) -> float:
    """The mean number of characters of a document; 0 while the size is not known."""
    size = known(Size(name))
    return size.characters / size.documents if size is not None else 0.0

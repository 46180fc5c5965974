"""The corpora as cards: what each is, how large, and what it is good for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from tinylm.corpora.corpus import CorpusInfo
from ui.frame import literal

GOOD_FOR = {
    "world": "Everything in these lessons: its facts are known, so what was learned can be asked, "
    "and its true entropy is known.",
    "python": "Real technical English. Its tasks and its entropy are not known: watch the loss.",
    "names": "Short and quick: a model soon invents names that could be real.",
}
IN_A_ROW = 3
OWN = "Seeing what a model makes of a text that you know."


def cards(corpora: Mapping[str, CorpusInfo], chosen: str, choose: Callable[[str], None]) -> None:
    """A card each, three in a row; the chosen one says so."""
    columns = st.columns(IN_A_ROW)
    for place, (name, corpus) in enumerate(corpora.items()):
        if place and place % IN_A_ROW == 0:
            columns = st.columns(IN_A_ROW)
        with columns[place % IN_A_ROW], st.container(border=True, height="stretch"):
            st.markdown(f"**{literal(corpus.title)}**")
            st.text(corpus.description)
            st.markdown(f"*Good for:* {literal(GOOD_FOR.get(name, OWN))}")
            st.caption(literal(corpus.licence))
            st.button(
                "✓ Chosen" if name == chosen else "Choose",
                key=f"choose-{name}",
                disabled=name == chosen,
                on_click=choose,
                args=(name,),
                help=f"Corpus {name}",
            )

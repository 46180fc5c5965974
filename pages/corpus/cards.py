"""One card for each corpus (content, size, use) and for each text that can be downloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.corpus.downloads import download_card, download_problems
from pages.corpus.sizes import sizes
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.downloads import SOURCES
from ui.frame import literal

IN_A_ROW = 3


def cards(corpora: Mapping[str, CorpusInfo], chosen: str, choose: Callable[[str], None]) -> None:
    """Show the corpora as cards, three in a row, then the texts that can be downloaded.

    The card of the corpus `chosen` is marked. The other buttons call `choose` with a corpus name.
    """
    names = [*corpora, *(name for name in SOURCES if name not in corpora)]
    size = sizes(corpora)
    for place, name in enumerate(names):
        if place % IN_A_ROW == 0:
            columns = st.columns(IN_A_ROW)
        with columns[place % IN_A_ROW], st.container(border=True, height="stretch"):
            if name in corpora:
                _card(corpora[name], name == chosen, choose, size[name])
            else:
                download_card(name)
    download_problems(corpora)


def _card(corpus: CorpusInfo, chosen: bool, choose: Callable[[str], None], size: str) -> None:
    st.markdown(f"**{literal(corpus.title)}**")
    st.markdown(literal(corpus.description))
    st.markdown(f"*Good for:* {literal(corpus.good_for)}")
    st.markdown(f"*Licence:* {literal(corpus.licence)}")
    st.markdown(f"*Size:* {size}")
    st.button(
        "✓ Chosen" if chosen else "Choose",
        key=f"choose-{corpus.name}",
        disabled=chosen,
        on_click=choose,
        args=(corpus.name,),
        help=f"Corpus {corpus.name}",
    )

"""One card for each corpus (content, size, use) and for each text that can be downloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.corpus.downloads import download_card, download_problems, is_coming
from pages.corpus.sizes import sizes
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.base import source_of
from tinylm.corpora.sources.downloads import SOURCES
from ui.frame import literal
from ui.plan import Plan, present

IN_A_ROW = 3


def cards(corpora: Mapping[str, CorpusInfo], chosen: str, choose: Callable[[str], None]) -> None:
    """Show one row of corpora as cards, and the rest folded, with those to download.

    The card of the corpus `chosen` is marked. The other buttons call `choose` with a corpus name.
    """
    plan = present()
    corpora = {name: one for name, one in corpora.items() if seen(plan, name) or name == chosen}
    size = sizes(corpora)

    def show(names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            if place % IN_A_ROW == 0:
                columns = st.columns(IN_A_ROW)
            with columns[place % IN_A_ROW], st.container(border=True, height="stretch"):
                if name in corpora:
                    _card(corpora[name], name == chosen, choose, size[name])
                else:
                    download_card(name)

    first = first_row(corpora, chosen)
    show(first)
    here = [name for name in corpora if name not in first]
    away = [name for name in SOURCES if name not in corpora and seen(plan, name)]
    if here or away:
        with st.expander(more(len(here), len(away)), expanded=any(map(is_coming, away))):
            show([*here, *away])
    download_problems(corpora)


def seen(plan: Plan, name: str) -> bool:
    """Whether the class sees this text by its plan: what learners brought is always shown."""
    return plan.has_corpus(name) or (bool(source_of(name).delete_label) and name not in SOURCES)


def first_row(corpora: Mapping[str, CorpusInfo], chosen: str) -> list[str]:
    """The corpora of the first row: the first of all, the chosen one, then a learner's own."""
    own = [name for name in corpora if source_of(name).delete_label and name not in SOURCES]
    wanted = [next(iter(corpora)), chosen, *own, *corpora]
    return list(dict.fromkeys(wanted))[:IN_A_ROW]


def more(here: int, away: int) -> str:
    """The label of the fold: how many more texts there are, and how many can be downloaded."""
    parts = [f"{here} that {'is' if here == 1 else 'are'} here"] if here else []
    parts += [f"{away} to download"] if away else []
    return f"More texts: {' and '.join(parts)}"


def _card(corpus: CorpusInfo, chosen: bool, choose: Callable[[str], None], size: str) -> None:
    st.markdown(f"**{literal(corpus.title)}**")
    st.markdown(literal(corpus.description))
    st.markdown(f"*Size:* {size}")
    st.button(
        "✓ Chosen" if chosen else "Choose",
        key=f"choose-{corpus.name}",
        disabled=chosen,
        on_click=choose,
        args=(corpus.name,),
        help=f"Corpus {corpus.name}",
    )

"""Choose a corpus by its card, also one that a link names, and delete one's own."""

from __future__ import annotations

import streamlit as st

from pages.corpus import keys
from pages.corpus.cards import cards
from pages.corpus.mine import what_reads
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.base import source_of
from tinylm.errors import TinylmError
from ui import state
from ui.asking import service
from ui.frame import draw_anew, problem
from ui.whose import offer_to_give


def pick(name: str) -> None:
    """Read this corpus from now on."""
    state.use_corpus(name)
    state.keep_once(keys.LOOKED_AT_CORPUS)


def choose(corpora: dict[str, CorpusInfo]) -> CorpusInfo:
    """Let the learner choose a corpus by its card; the choice is kept from page to page."""
    current = state.current_corpus()
    if current not in corpora:
        try:
            return linked(current, corpora)
        except TinylmError:
            problem(f"There is no corpus {current!r} any more: pick one of these.")
            current = next(iter(corpora))
            state.use_corpus(current)
    cards(corpora, current, pick)
    return corpora[current]


def linked(name: str, corpora: dict[str, CorpusInfo]) -> CorpusInfo:
    """A corpus of somebody else, whose address the learner has. Raises NotFound, StorageError."""
    found = service().corpus(name)
    st.info(
        "This text belongs to somebody else: you can read it and train on it. Only its owner and "
        "the teacher can delete it.",
        icon="🔗",
    )
    cards({**corpora, name: found}, name, pick)
    return found


def offer_to_delete(corpus: CorpusInfo) -> None:
    """A button that deletes the chosen corpus, if its source has one, and for teachers another."""
    offer_to_give(corpus.name)
    label = source_of(corpus.name).delete_label
    if not label or not service().may_delete(corpus.name):
        return
    if st.button(label, help=what_reads(service().num_readers(corpus.name)) or None):
        service().delete_corpus(corpus.name)
        state.use_corpus("world")
        draw_anew()

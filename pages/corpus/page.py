"""Pick the text to learn from, and look at it."""

from __future__ import annotations

import streamlit as st

from pages.corpus import keys
from pages.corpus.chosen import choose, offer_to_delete
from pages.corpus.documents import COMPLETES, choose_split, documents
from pages.corpus.downloads import choose_downloaded
from pages.corpus.mine import (
    in_passages,
    lengths,
    mix_with_world,
    train_on,
    what_suits,
)
from pages.corpus.mix import mix
from pages.corpus.own_text import add_own
from pages.corpus.reader import search_documents, what_is_in_it
from pages.corpus.sizes import any_number
from pages.corpus.world_editor import own_world
from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.mixtures import is_mixture
from tinylm.corpora.sources.uploads import is_upload
from tinylm.errors import TinylmError
from tinylm.questions.corpora import Statistics
from ui import state
from ui.asking import ask, known, service
from ui.frame import OWN_TASK, heading, literal, problem


def describe(corpus: CorpusInfo) -> None:
    """Show the title, where the text comes from, what it is good for, and its licence.

    The user may have written some of it, so none is read as Markdown.
    """
    st.subheader(literal(corpus.title), anchor=False)
    st.text(corpus.provenance)
    st.markdown(f"*Good for:* {literal(corpus.good_for)} *Licence:* {literal(corpus.licence)}.")


def numbers(corpus: CorpusInfo) -> None:
    """Show how much text there is; a worker counts it."""
    usual, *shorter = lengths()
    asked = Statistics(corpus.name, usual.documents if any_number(corpus) else 0)
    found = ask(asked, "Counting the text …")
    if found is None:
        return
    if is_upload(corpus.name):
        st.markdown(in_passages(found))
        return
    if any_number(corpus):
        others = "".join(
            f"; one {one.title} is given {one.documents:,} documents" for one in shorter
        )
        st.markdown(
            "This corpus gives as many documents as it is asked for. Counted is what a training "
            f"{usual.title} is given{others}."
        )
    shown = {
        "Training documents": found.train_documents,
        "Validation documents": found.val_documents,
        "Training characters": found.train_characters,
        "Training words": found.train_words,
        "Different words": found.distinct_words,
    }
    with st.container(horizontal=True):
        for label, number in shown.items():
            st.metric(label, f"{number:,}", border=True, width="content")


def kinds(corpus: CorpusInfo) -> None:
    """How many documents of each kind there are, where they are of several kinds."""
    found = known(Statistics(corpus.name, lengths()[0].documents if any_number(corpus) else 0))
    if found is not None and len(found.kinds) > 1:
        st.dataframe(
            [{"kind of document": kind, "documents": n} for kind, n in found.kinds.items()],
            hide_index=True,
            width=360,
            alt="How many documents there are of each kind",
        )


heading(
    "Corpus",
    "Everything a model knows it has from its text. Pick one, and read a little of it: what is "
    "in there can be learned, what is not cannot.",
)
corpora = service().corpora()
choose_downloaded(corpora)
# A container is one element whatever it holds, so the tabs below keep their place and stay open.
with st.container():
    corpus = choose(corpora)
    describe(corpus)
    with st.container(horizontal=True):
        train_on(keys.TRAIN_ON)
        mix_with_world(corpus)
        offer_to_delete(corpus)
    numbers(corpus)
    what_suits(corpus)
opened = st.expander(
    "What is in it, and what the model never sees", on_change="rerun", key="what-is-in-it"
)
if opened.open:
    with opened:
        what_is_in_it(corpus)
        kinds(corpus)
tab_documents, tab_search, tab_own, tab_world, tab_mix = st.tabs(
    ["Look at documents", "Search", "Add your own text", "Edit the world", "Mix"]
)
with tab_documents:
    try:
        documents(corpus)
    except TinylmError as error:
        problem(error)
with tab_search:
    search_documents(corpus, choose_split("In", "search-split"))
with tab_own:
    add_own()
    st.page_link(OWN_TASK, label="A table of questions and answers? **Make a task**", icon="📋")
with tab_world:
    own_world(corpora, corpus.name)
with tab_mix:
    mix({name: one for name, one in corpora.items() if not is_mixture(name)})
if not service().answers(state.learner()).get(keys.LOOKED_AT_CORPUS):
    st.markdown(COMPLETES)

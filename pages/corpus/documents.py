"""Documents of a corpus, as the model will read them."""

from __future__ import annotations

import streamlit as st

from pages.corpus import keys
from tinylm.corpora import preview
from tinylm.corpora.corpus import CorpusInfo
from ui import state
from ui.asking import service

SHOWN = 3  # documents at once: more would push the rest of the page away
LONG = 500  # characters of a document that gets a box of its own to scroll in
KINDS = (
    "A *worksheet* lists pairs of one kind, such as countries and their capitals. A *parallel* "
    "text has the same sentences in English and in an invented language, Nuveli or Drazgok."
)
COMPLETES = (
    "This lesson counts as done once you have chosen a text, searched in one, or read on from "
    "another document."
)
SPLITS = {"train": "training", "val": "validation"}


def documents(corpus: CorpusInfo) -> None:
    """Show some documents as the model will read them, with inputs to choose which."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = choose_split("Split", keys.DOCUMENT_SPLIT)
        start = st.number_input("From document", 0, step=SHOWN, key=keys.DOCUMENT_START, width=160)
        kind = kind_filter(corpus)
    if start or kind or split != "train":  # the learner has begun to read
        state.keep_once(keys.LOOKED_AT_CORPUS)
    if corpus.made:
        st.markdown(KINDS)
    found = preview(corpus.name, split, start, SHOWN, kind, home=service().home)
    if not found:
        st.info("There are no documents here: begin at a smaller number.", icon="ℹ️")
    for place, document in enumerate(found, start):
        st.markdown(f"**{place:,}** · {document.kind}")
        tall = len(document.text) > LONG
        st.code(document.text, language=None, wrap_lines=True, height=240 if tall else "content")


def choose_split(label: str, key: str) -> str:
    """Ask for a split and return "train" or "val"; at first it is "train"."""
    return st.segmented_control(
        label,
        list(SPLITS),
        format_func=SPLITS.__getitem__,
        default="train",
        required=True,
        key=key,
    )


def kind_filter(corpus: CorpusInfo) -> str | None:
    if not corpus.made:
        return None
    first = preview(corpus.name, "train", 0, 60, None, home=service().home)
    return st.selectbox(
        "Kind",
        sorted({document.kind for document in first}),
        index=None,
        placeholder="all kinds",
        key=keys.DOCUMENT_KIND,
        width=200,
    )

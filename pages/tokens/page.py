"""Tokens: learn a vocabulary, and see text as the model sees it."""

from __future__ import annotations

import streamlit as st

from pages.tokens import keys
from pages.tokens.coloured import coloured_text, typed_text
from pages.tokens.views import compression, merge_list, other_texts
from tinylm.corpora.corpus import CorpusInfo
from tinylm.questions.tokens import Merges, Tokenize, TokenizedTexts
from ui.asking import ask
from ui.corpus_chosen import chosen_corpus
from ui.frame import PRETRAIN, guarded, heading
from ui.predict import predict, reveal

TEXT = (
    "The capital of France is Paris. A strawberry tastes sweet, doesn't it?\n"
    "Ein Bär sieht 3 Äpfel 🍎."
)
WORD = "strawberry"
DEFAULT = 2048
STEP = 64


@guarded
def vocabulary(corpus: CorpusInfo) -> None:
    """Show the slider for the vocabulary, the text that it splits, and what its size changes."""
    learned = ask(Merges(corpus.name, corpus.made), "Learning 3,840 merges …")
    if learned is None:
        return
    largest = 256 + len(learned.merges)
    size = st.slider(
        "Size of the vocabulary",
        256,
        largest,
        min(DEFAULT, largest),
        STEP if largest % STEP == 0 else 1,
        key=keys.TOKENS_SIZE,
        help="256 is single bytes; every merge adds one token. Each smaller vocabulary is the "
        "beginning of a larger one.",
    )
    opened = predict(
        keys.PREDICTED_TOKENS,
        f"How many tokens is “{WORD}”, with a space before it, in this vocabulary?",
        ("1", "2 or 3", "4 or more"),
    )
    text = typed_text(learned, corpus.name, int(size), TEXT, key=f"typed-{corpus.name}")
    asked = Tokenize(corpus.name, corpus.made, (text, f" {WORD}"), int(size))
    # A container is one element, empty or not, so the tabs below keep their place and stay open.
    with st.container():
        both = ask(asked, "GPT-2 splits the same text …")
        if both is not None:
            beside_gpt2(both, revealed=opened)
    merges_tab, size_tab, other_tab = st.tabs(
        ["Every merge", "Compression", "Other languages, emoji, rare words"]
    )
    with merges_tab:
        merge_list(learned, int(size))
    with size_tab:
        compression(corpus)
    with other_tab:
        other_texts(corpus, int(size))


def beside_gpt2(both: TokenizedTexts, *, revealed: bool) -> None:
    """Show the text in GPT-2's tokens and, if `revealed`, the prediction beside the measurement."""
    coloured_text(both.gpt2[0], "The same text in GPT-2's tokens", key="gpt2-tokens")
    if not revealed:
        return
    ours, theirs = len(both.ours[1]), len(both.gpt2[1])
    reveal(
        keys.PREDICTED_TOKENS,
        f"Measured: {ours} here, {theirs} in GPT-2's vocabulary.",
        "A word is one token only if it was frequent enough in the text on which the "
        "vocabulary was learned. A model never sees the letters of a token, which is why "
        "it is bad at counting them.",
    )


heading(
    "Tokens",
    "A model reads numbers, not letters. **Byte-pair encoding** begins with the 256 bytes and "
    "joins, again and again, the two neighbours that most often stand together.",
)
vocabulary(chosen_corpus("Learned on"))
st.page_link(PRETRAIN, label="**Train on these tokens**", icon="📉")

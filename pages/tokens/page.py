"""Tokens: learn a vocabulary, and see text as the model sees it."""

from __future__ import annotations

import streamlit as st

from pages.tokens import keys
from pages.tokens.coloured import coloured_text, typed_text
from pages.tokens.views import compression, merge_list, other_texts, spelled
from tinylm.corpora.corpus import CorpusInfo
from tinylm.questions.tokens import Coding, Merges, Tokenize
from ui.asking import ask
from ui.corpus_chosen import chosen_corpus
from ui.frame import PRETRAIN, guarded, heading, literal
from ui.predict import predict_number, reveal_number

TEXT = "The capital of France is Paris. Honey tastes sweet, doesn't it?\nEin Bär sieht 3 Äpfel 🍎."
WORD = "strawberry"  # it does not stand in TEXT, whose tokens are shown before the question
MOST = 11  # tokens of the word and the space before it, one for each letter
DEFAULT = 2048
STEP = 64


@guarded
def vocabulary(corpus: CorpusInfo) -> None:
    """Show the slider for the vocabulary, the text that it splits, and what its size changes."""
    learned = ask(Merges(corpus.name, corpus.made), "Learning the merges …")
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
    text = typed_text(learned, corpus.name, int(size), TEXT, key=f"typed-{corpus.name}")
    # A container is one element, empty or not, so the tabs below keep their place and stay open.
    with st.container():
        both = ask(
            Tokenize(corpus.name, corpus.made, (text,), int(size)), "GPT-2 splits the same text …"
        )
        if both is not None:
            coloured_text(both.gpt2[0], "The same text in GPT-2's tokens", key="gpt2-tokens")
    with st.container():
        one_word(corpus, min(DEFAULT, largest))
    merges_tab, size_tab, other_tab = st.tabs(["Every merge", "Compression", "Other texts"])
    with merges_tab:
        merge_list(learned, int(size))
    with size_tab:
        compression(corpus)
    with other_tab:
        other_texts(corpus, int(size))


def one_word(corpus: CorpusInfo, size: int) -> None:
    """Ask how many tokens one word is in the usual vocabulary, and show them."""
    setting = f"{corpus.name}, {size} tokens"
    if not predict_number(
        keys.PREDICTED_TOKENS,
        f"A vocabulary of {size:,} tokens was learned on this text. Of how many of them does it "
        f"make the word “{WORD}”, with the space before it?",
        1,
        MOST,
        setting,
        unit="tokens",
    ):
        return
    found = ask(Tokenize(corpus.name, corpus.made, (f" {WORD}",), size), "Splitting the word …")
    if found is None:
        return
    ours, theirs = found.ours[0], found.gpt2[0]
    reveal_number(
        keys.PREDICTED_TOKENS,
        len(ours),
        f"Here it is {pieces(ours)}; in GPT-2's vocabulary it is {pieces(theirs)}.",
        "A word is one token only if it was frequent enough in the text on which the "
        "vocabulary was learned. A model never sees the letters of a token, which is why "
        "it is bad at counting them.",
        setting,
    )


def pieces(tokens: Coding) -> str:
    """Tokens counted and spelled, as Markdown."""
    number = f"{len(tokens)} token{'s' * (len(tokens) != 1)}"
    return f"{number} ({', '.join(literal(spelled(one)) for _, one in tokens)})"


heading(
    "Tokens",
    "A model reads numbers, not letters. **Byte-pair encoding** begins with the 256 bytes and "
    "joins, again and again, the two neighbours that most often stand together.",
)
vocabulary(chosen_corpus("Learned on"))
st.page_link(PRETRAIN, label="**Train on these tokens**", icon="📉")

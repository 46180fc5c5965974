"""Parts of the page about tokens: the merges, compression, and other kinds of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from msgspec.structs import asdict

from pages.tokens import keys
from tinylm.config import ModelConfig
from tinylm.corpora.corpus import CorpusInfo
from tinylm.questions.tokens import Coded, Compression, MergeList, Tokenize
from ui.asking import ask
from ui.charts.base import (
    BLUE,
    VERMILION,
    Figure,
    Style,
    Trace,
    bars_across,
    base_layout,
    short,
    visible,
)
from ui.frame import numbers_behind
from ui.plot import live_plot

# The same sentence in ten languages, written for this project, and some texts of other kinds.
EXAMPLES = {
    "English": "The small dog sleeps in the warm house.",
    "German": "Der kleine Hund schläft im warmen Haus.",
    "French": "Le petit chien dort dans la maison chaude.",
    "Turkish": "Küçük köpek sıcak evde uyuyor.",
    "Greek": "Ο μικρός σκύλος κοιμάται στο ζεστό σπίτι.",
    "Russian": "Маленькая собака спит в тёплом доме.",
    "Arabic": "ينام الكلب الصغير في البيت الدافئ.",
    "Hindi": "छोटा कुत्ता गरम घर में सोता है।",
    "Chinese": "小狗在温暖的房子里睡觉。",
    "Japanese": "小さな犬は暖かい家で眠っています。",
    "Emoji": "🐶💤🏠🔥👨‍👩‍👧‍👦",
    "A rare word": "Donaudampfschifffahrtsgesellschaft",
    "A number": "1234567.89",
}


def merge_list(learned: MergeList, size: int) -> None:
    """Show every merge in order, mark those in use at this size, and name the next one."""
    place = size - 256
    rows = [
        {
            "token": 256 + i,
            "left": spelled(left),
            "right": spelled(right),
            "joined": spelled(left + right),
            "in use": i < place,
        }
        for i, (left, right) in enumerate(learned.merges)
    ]
    if place < len(rows):
        now = rows[place]
        st.text(
            f"A vocabulary of {size:,} tokens has the first {place:,} merges of this list. With "
            f"one token more it would also join {now['left']} and {now['right']} into "
            f"{now['joined']}."
        )
    find = st.text_input("Find a token", key=keys.TOKENS_FIND, placeholder="e.g. capital")
    wanted = find.strip().lower()
    found = [row for row in rows if wanted in str(row["joined"]).lower()] if wanted else rows
    if not found:
        st.info("No token holds this: it is written with smaller ones.", icon="🔎")
        return
    st.dataframe(
        found,
        hide_index=True,
        height=260,
        alt="All merges in the order learned",
        column_config={name: st.column_config.Column(width=62) for name in found[0]},
    )


def spelled(hexadecimal: str) -> str:
    """A readable token: white space is made visible, and incomplete characters stay as bytes."""
    raw = bytes.fromhex(hexadecimal)
    try:
        return visible(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return "⟨" + raw.hex(" ").upper() + "⟩"


def compression_chart(rows: Sequence[Coded], gpt2: Coded) -> Figure:
    """Bytes per token against the size of the vocabulary, with that of GPT-2 as a line."""
    sizes = [row.vocab_size for row in rows]
    data: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "learned on this corpus",
            "x": sizes,
            "y": [short(row.bytes_per_token) for row in rows],
            "line": {"color": BLUE, "width": 2.5},
            "marker": {"size": 8},
            "hovertemplate": "%{x:,} tokens: %{y:.2f} bytes per token<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "GPT-2",
            "x": [min(sizes), max(sizes)],
            "y": [short(gpt2.bytes_per_token)] * 2,
            "line": {"color": VERMILION, "width": 2, "dash": "dash"},
            "hovertemplate": "GPT-2: %{y:.2f} bytes per token<extra></extra>",
        },
    ]
    layout = base_layout("Size of the vocabulary", "Bytes per token")
    layout["yaxis"] |= {"rangemode": "tozero"}
    return {"data": data, "layout": layout}


def compression(corpus: CorpusInfo) -> None:
    """Show how much shorter text becomes in tokens, and what that means for the context."""
    found = ask(Compression(corpus.name, corpus.made), "Counting tokens …")
    if found is None:
        return
    rows, gpt2 = found.rows, found.gpt2
    live_plot(
        compression_chart(rows, gpt2),
        key="compression",
        label="Bytes per token: "
        + ", ".join(f"{row.bytes_per_token:.2f} with {row.vocab_size} tokens" for row in rows)
        + f"; GPT-2 {gpt2.bytes_per_token:.2f}.",
        height=300,
    )
    last = rows[-1]
    st.markdown(
        f"A model that sees {ModelConfig().block_size} tokens at once sees about "
        f"**{rows[0].words_in_context:.0f} words** of this corpus as single bytes, and "
        f"**{last.words_in_context:.0f}** with {last.vocab_size:,} tokens. With GPT-2's "
        f"vocabulary it would be {gpt2.words_in_context:.0f}. Each further token costs a "
        "row of the embedding, which must be learned from fewer examples."
    )
    numbers_behind([asdict(row) for row in (*rows, gpt2)], "compression-table")


def other_texts(corpus: CorpusInfo, size: int) -> None:
    """Show the token counts of one sentence in ten languages, and of other rare kinds of text."""
    st.markdown(
        "The same sentence in several languages, then emoji, a rare word and a number. Bytes that "
        "no merge joins stay single, and each costs as much of the context, of the time and of the "
        "price as a whole English word."
    )
    question = Tokenize(corpus.name, corpus.made, tuple(EXAMPLES.values()), size)
    found = ask(question, "Splitting the sentences …")
    if found is None:
        return
    ours = {name: len(coded) for name, coded in zip(EXAMPLES, found.ours, strict=True)}
    theirs = {name: len(coded) for name, coded in zip(EXAMPLES, found.gpt2, strict=True)}
    most = max(ours, key=lambda name: ours[name] / len(EXAMPLES[name]))
    first = next(iter(EXAMPLES))
    st.markdown(
        f"Here the sentence costs **{ours[first]} tokens in {first}** and {theirs[first]} "
        f"with GPT-2's. Dearest for its length is *{most}*: **{ours[most]} tokens** for "
        f"{len(EXAMPLES[most])} characters, and {theirs[most]} with GPT-2's."
    )
    live_plot(
        other_texts_chart(ours, theirs),
        key="other-texts",
        label="Tokens: "
        + "; ".join(f"{name} {ours[name]} here, {theirs[name]} in GPT-2" for name in EXAMPLES),
        height=460,
    )
    rows = [
        {"text": name, "sentence": text, "characters": len(text)}
        | {"here": ours[name], "GPT-2": theirs[name]}
        for name, text in EXAMPLES.items()
    ]
    numbers_behind(rows, "other-texts-table", "The sentences and their numbers as a table")


def other_texts_chart(ours: Mapping[str, int], theirs: Mapping[str, int]) -> Figure:
    """A bar of tokens for each text, in the vocabulary of the page and in GPT-2's."""
    bars: dict[str, tuple[list[float], Style]] = {
        name: ([float(count) for count in counts.values()], {"color": colour})
        for name, counts, colour in (
            ("this vocabulary", ours, BLUE),
            ("GPT-2", theirs, VERMILION),
        )
    }
    return bars_across(bars, list(ours), shown=".0f", axis=".0f", title="Tokens")

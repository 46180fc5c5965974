"""The views of the page that looks into a model; each one draws one kind of answer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from msgspec.structs import asdict

from pages.inside import charts as inside_charts
from pages.inside import keys
from pages.inside.numbers import kept_number
from pages.inside.surprise import describe, surprise_of, surprise_text
from tinylm.corpora import world_of
from tinylm.questions.inside import Inspection, MapOfWords
from tinylm.questions.models import Likely
from tinylm.runs.store.rows import RunRow
from ui.asking import ask_all, service
from ui.charts import base as charts
from ui.frame import numbers_behind
from ui.plot import live_plot


def odds_view(found: Inspection) -> None:
    """Show the surprise at every token, and the odds of the next token at a chosen position."""
    tokens = found.tokens
    if len(tokens) > 1:
        st.markdown(
            "**How surprised it was** by each token, in bits: 1 bit is a token it gave even odds, "
            "and each bit more halves them. The deeper the colour, the greater the surprise."
        )
        bits = surprise_of(tokens, found.given)
        surprise_text(bits, key="inside-shaded")
        live_plot(
            inside_charts.surprise(bits), key="inside-surprise", label=describe(bits), height=220
        )
    names = inside_charts.labels(tokens)
    position = st.select_slider(
        "Odds after",
        range(len(tokens)),
        value=len(tokens) - 1,
        format_func=lambda i: f"{i}: {names[i]}",
        key=f"{keys.INSIDE_POSITION}-{len(tokens)}",
        persist_state="session",
    )
    row = found.odds[position]
    live_plot(
        charts.odds_bars({"base": [(one.text, one.probability) for one in row]}),
        key="inside-odds",
        label=odds_in_words(position, row),
        height=240,
    )
    rows = [
        {"position": i, "after": names[i], "token": one.text, "probability": one.probability}
        for i, several in enumerate(found.odds)
        for one in several
    ]
    numbers_behind(rows, "inside-odds-table")


def odds_in_words(position: int, row: Sequence[Likely]) -> str:
    """The odds after a position in a sentence, for people who cannot see the chart."""
    told = ", ".join(f"{one.text.strip()} {one.probability:.1%}" for one in row)
    return f"Most probable tokens after position {position}: {told}"


def attention_view(found: Inspection) -> None:
    """Show one head large, and all heads small."""
    attention, tokens = found.attention, found.tokens
    layers, heads = len(attention), len(attention[0])
    st.markdown(
        "Each row is a position that reads, each column a position that it reads from; a row adds "
        "up to 100 %. Nothing to the right of the diagonal: the future cannot be read."
    )
    with st.container(horizontal=True):
        shape = f"-{layers}-{heads}"  # another model may not have this layer or head
        layer = kept_number("Layer", 1, layers, layers, key=keys.INSIDE_LAYER + shape)
        head = kept_number("Head", 1, heads, 1, key=keys.INSIDE_HEAD + shape)
    weights = attention[int(layer) - 1][int(head) - 1]
    names = inside_charts.labels(tokens)
    last = sorted(zip(weights[-1], names, strict=True), reverse=True)[:3]
    live_plot(
        inside_charts.attention_map(tokens, weights),
        key="inside-attention",
        label=f"Attention of layer {layer}, head {head}. The last token reads "
        + ", ".join(f"{name} {weight:.0%}" for weight, name in last),
        height=460,
    )
    pictures = inside_charts.heads_at_once(layers, heads)
    shown = pictures[0]
    st.markdown("**All heads**")
    if len(pictures) > 1:
        place = st.select_slider(
            f"{inside_charts.MOST_HEADS} of {layers * heads} at a time",
            range(len(pictures)),
            format_func=lambda i: (
                f"layer {pictures[i][0][0] + 1} to {pictures[i][-1][0] + 1}"
                if pictures[i][0][0] < pictures[i][-1][0]
                else f"layer {pictures[i][0][0] + 1}, from head {pictures[i][0][1] + 1}"
            ),
            key=keys.INSIDE_HEADS + shape,
            persist_state="session",
        )
        shown = pictures[place]
    live_plot(
        inside_charts.all_heads(attention, shown),
        key="inside-heads",
        label=f"Attention of {len(shown)} of {layers * heads} heads, small: "
        f"from layer {shown[0][0] + 1}, head {shown[0][1] + 1} "
        f"to layer {shown[-1][0] + 1}, head {shown[-1][1] + 1}.",
        height=inside_charts.PANEL * -(-len(shown) // inside_charts.columns_of(heads)) + 20,
    )
    rows = [
        {"reads": names[i], "is read": names[j], "weight": value}
        for i, row in enumerate(weights)
        for j, value in enumerate(row[: i + 1])
    ]
    numbers_behind(rows, "inside-attention-table", "This head as a table")


def lens_view(found: Inspection) -> None:
    """Show what the model would predict if it ended after each layer (the logit lens)."""
    st.markdown(
        "**The logit lens**: the output matrix is put behind every layer. Each row is a position, "
        "and each cell the most probable next token after it, if the model ended at that layer. "
        "The deeper the colour, the more probable."
    )
    last = [row[-1] for row in found.lens]
    live_plot(
        inside_charts.logit_lens(found.tokens, found.lens),
        key="inside-lens",
        label="Most probable token after the last position, by layer: "
        + ", ".join(f"{one.text.strip()} {one.probability:.0%}" for one in last),
        height=80 + inside_charts.LENS_ROW * len(found.tokens),
    )
    names = inside_charts.labels(found.tokens)
    rows = [
        {"layer": layer, "after": names[i], "token": one.text, "probability": one.probability}
        for layer, row in enumerate(found.lens)
        for i, one in enumerate(row)
    ]
    numbers_behind(rows, "inside-lens-table")


def map_view(run: RunRow, step: int, last: int) -> None:
    """Show where the embeddings of words lie, on the plane that fits the last checkpoint."""
    if world_of(run.corpus, service().home) is None:
        st.info("The map shows words of the made world: choose a run that read it.", icon="🗺️")
        return
    st.markdown(
        "Each word is a point in as many dimensions as the model is wide. Shown is the plane in "
        "which the **last** checkpoint spreads them most; move the slider above and watch the "
        "kinds come apart, though nobody told the model which word is of which kind."
    )
    asked = {name: MapOfWords(run.id, at, last) for name, at in (("now", step), ("last", last))}
    found = ask_all(asked, "Reading the embeddings …")
    if "now" not in found:
        return
    words = found["now"].words
    live_plot(
        inside_charts.word_map(words, found.get("last", found["now"]).words),
        key="inside-map",
        label=f"Map of {len(words)} words at step {step}, by kind.",
        height=520,
    )
    numbers_behind([asdict(word) for word in words], "inside-map-table")

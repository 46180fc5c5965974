"""The views of the page that looks into a model; each one draws one kind of answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st
from msgspec.structs import asdict

from pages.inside import charts as inside_charts
from pages.inside import keys
from pages.inside.word_map import word_map
from tinylm.corpora import world_of
from tinylm.questions.inside import Inspection, MapOfWords, PlacedWord
from tinylm.runs.store.rows import RunRow
from ui.asking import ask_all, service
from ui.charts.base import visible
from ui.frame import numbers_behind
from ui.plot import live_plot


def attention_view(found: Inspection) -> None:
    """Show one head large, and all heads small."""
    attention, tokens = found.attention, found.tokens
    layers, heads = len(attention), len(attention[0])
    names = inside_charts.labels(tokens)
    shape = f"-{layers}-{heads}"  # another model may not have this layer or head
    st.markdown(
        "To expect the next word, each token takes something from the tokens before it. A **head** "
        "is one way of choosing where to look. Each row is a token that reads, and each column one "
        "that it reads from. A row adds up to 100 %. The upper right stays empty, because the "
        "future cannot be read."
    )
    looked = keenest(found)
    at_layer, at_head, place = looked or (layers, 1, 0)

    def show_it() -> None:
        st.session_state[keys.INSIDE_LAYER + shape] = at_layer
        st.session_state[keys.INSIDE_HEAD + shape] = at_head

    # With another text, or at another step, the head that is named below is shown first.
    named = [at_layer, at_head, *names]
    if st.session_state.get(keys.INSIDE_NAMED + shape) != named:
        st.session_state[keys.INSIDE_NAMED + shape] = named
        show_it()
    if looked is not None:
        st.markdown(
            f"**Look at the last row**, the one that decides what comes next. Of the "
            f"{layers * heads} heads of this model, head {at_head} of layer {at_layer} looks "
            f"hardest at one word before it: `{names[-1]}` takes "
            f"**{attention[at_layer - 1][at_head - 1][-1][place]:.0%}** of what it reads from "
            f"`{names[place]}`.{_idle(found)}"
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = _whole("Layer", layers, keys.INSIDE_LAYER + shape)
        head = _whole("Head", heads, keys.INSIDE_HEAD + shape)
        if (layer, head) != (at_layer, at_head):
            st.button(f"Back to head {at_head} of layer {at_layer}", on_click=show_it)
    weights = attention[layer - 1][head - 1]
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


def _whole(label: str, most: int, key: str) -> int:
    """Ask for a number from 1 to `most`; the session holds the first one."""
    return int(st.number_input(label, 1, most, key=key, persist_state="session", width=140))


def _idle(found: Inspection) -> str:
    """How many heads read mostly from the separator, which holds no word of the text."""
    idle = sum(weights[-1][0] > 0.5 for heads in found.attention for weights in heads)
    if not idle:
        return ""
    one = idle == 1
    return f" {idle} head{'s' * (not one)} mostly read{'s' * one} from `‹start›`, where no word is."


def keenest(found: Inspection) -> tuple[int, int, int] | None:
    """The layer, the head (from 1) and the place to which the last token attends most.

    Its own place and that of the separator do not count; None where nothing else is left.
    """
    places = range(1, len(found.tokens) - 1)
    looks = (
        (weights[-1][place], layer, head, place)
        for layer, heads in enumerate(found.attention, 1)
        for head, weights in enumerate(heads, 1)
        for place in places
    )
    best = max(looks, default=None)
    return best and best[1:]


def lens_view(found: Inspection) -> None:
    """Show what the model would predict if it ended after each layer (the logit lens)."""
    st.markdown(
        "**The logit lens.** What would the model say if it ended after this layer? Each row is "
        "a place in the text, and each cell the likeliest next token after it. The deeper the "
        "colour, the likelier."
    )
    st.markdown(appears(found))
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


def appears(found: Inspection) -> str:
    """Markdown: from which layer on the last place has the token that the model ends with."""
    last = [row[-1] for row in found.lens]
    text = last[-1].text
    first = next(
        layer for layer in range(len(last)) if all(one.text == text for one in last[layer:])
    )
    where = f"layer {first}" if first else "the embedding, before any layer,"
    return (
        f"**Look along the last row**: from {where} on, the likeliest token is "
        f"`{visible(text)}`, with {last[first].probability:.0%} there and "
        f"{last[-1].probability:.0%} at the end."
    )


def map_view(run: RunRow, step: int, last: int) -> bool:
    """Show where the embeddings of words lie, on the plane that fits the last checkpoint.

    Returns whether all is shown that this view can show.
    """
    if world_of(run.corpus, service().home) is None:
        st.info("The map shows words of the made world: choose a run that read it.", icon="🗺️")
        return True
    st.markdown(
        "A model holds each word as a long list of numbers, its **embedding**. Words that it uses "
        "alike get lists that lie close together. A map can show only two directions of them: "
        "those in which the **last** checkpoint spreads the words most. Move the slider above, "
        "and watch the words move. Nobody told the model which word is of which kind."
    )
    asked = {name: MapOfWords(run.id, at, last) for name, at in (("now", step), ("last", last))}
    found = ask_all(asked, "Reading the embeddings …")
    if "now" not in found:
        return False
    words = found["now"].words
    st.markdown(kinds_apart(words))
    live_plot(
        word_map(words, found.get("last", found["now"]).words),
        key="inside-map",
        label=f"Map of {len(words)} words at step {step}, by kind.",
        height=520,
    )
    numbers_behind([asdict(word) for word in words], "inside-map-table")
    return True


def kinds_apart(words: Sequence[PlacedWord]) -> str:
    """Markdown: for each kind, how many of its words have a word of the same kind nearest."""
    kinds = Counter(word.kind for word in words)
    own = Counter(word.kind for word in words if word.nearest == word.kind)
    ranked = sorted(kinds, key=lambda kind: own[kind] / kinds[kind], reverse=True)
    told = ", ".join(f"**{own[kind]} of {kinds[kind]}** for {kind}" for kind in ranked)
    pairs = len(words) * (len(words) - 1)
    by_chance = sum(n * (n - 1) for n in kinds.values()) / pairs if pairs else 0.0
    said = (
        f"How often is the nearest word one of the same kind? Counted in all directions, it is "
        f"{told}. By chance it would be {by_chance:.0%}, here it is "
        f"{sum(own.values()) / len(words):.0%}."
    )
    first, last = ranked[0], ranked[-1]
    if own[first] / kinds[first] > own[last] / kinds[last]:
        said += f" So {first} come apart best, and {last} least."
    return said

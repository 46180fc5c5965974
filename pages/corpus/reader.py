"""Explore a corpus: search in it, and see what its words and documents are like."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from msgspec.structs import asdict

from pages.corpus import keys
from tinylm.corpora.corpus import CorpusInfo
from tinylm.questions.corpora import (
    Exploration,
    Explore,
    LengthBin,
    RankedWord,
    Repeated,
    Search,
)
from ui import state
from ui.asking import ask
from ui.charts.base import BLUE, GREY, Figure, Trace, base_layout, visible
from ui.copies import times
from ui.frame import guarded, literal, numbers_behind
from ui.plot import live_plot
from ui.widgets import within

UNSEEN = "Of the words of validation text, those that never stand in training."
SEEN = (
    "{what} that also stand in training, but for case and white space. They make the loss look "
    "better than it would be on a new text."
)
MUCH = 0.2  # share of the validation text from which its loss is no longer that of a new text
REPEATS = "Training documents that stand there more than once."


@guarded
def search_documents(corpus: CorpusInfo, split: str) -> None:
    """Ask for a text and show the documents that contain it, unchanged."""
    query = st.text_input(
        "Look for",
        key=keys.SEARCHED,
        placeholder="a word or a phrase, e.g. Paris",
    )
    query = within(query, 200)
    if not query.strip():
        return
    found = ask(Search(corpus.name, query, split), "Reading every document …")
    if found is None:
        return
    state.keep_once(keys.LOOKED_AT_CORPUS)
    if not found.hits:
        st.info("No document of this split holds this: the model never sees it here.", icon="🔎")
        return
    st.markdown(
        f"**{found.hits:,}** times in {found.documents:,} of {found.of:,} documents"
        + (f"; the first {len(found.found)}:" if found.documents > len(found.found) else ":")
    )
    for one in found.found:
        st.markdown(f"**{one.number:,}** · {one.kind}")
        st.code(one.text, language=None, wrap_lines=True)


@guarded
def what_is_in_it(corpus: CorpusInfo) -> None:
    """Show words by rank, document lengths, duplicates, and what the model never sees."""
    found = ask(Explore(corpus.name), "Counting every word …")
    if found is None:
        return
    _never_seen(found, corpus)
    st.markdown("**Words by rank**")
    st.markdown(
        "In most texts the second word is about half as frequent as the first, the tenth a tenth: "
        f"**Zipf's law**, the dashed line. {rare_words(found.ranks)}"
    )
    common = ", ".join(f"{word} {count:,}" for word, count in found.commonest[:5])
    live_plot(
        zipf(found.ranks),
        key="zipf",
        label=f"Count of words against their rank, both logarithmic. Commonest: {common}.",
        height=320,
    )
    numbers_behind([asdict(one) for one in found.ranks], "zipf-table", "Words by rank as a table")
    st.markdown("**Length of documents**")
    if found.lengths:
        st.markdown(most_common_length(found.lengths))
    live_plot(
        lengths(found.lengths),
        key="lengths",
        label="Documents by length in characters. "
        + "; ".join(f"{span(one)}: {one.documents:,}" for one in found.lengths),
        height=240,
    )
    rows = [
        {"from": one.start, "to": one.end - 1, "documents": one.documents} for one in found.lengths
    ]
    numbers_behind(rows, "lengths-table", "Lengths as a table")


def _never_seen(found: Exploration, corpus: CorpusInfo) -> None:
    share = found.unseen_words / max(1, found.val_words)
    with st.container(horizontal=True):
        for label, figure, meaning in (
            ("Words never seen", f"{share:.1%}", UNSEEN),
            *seen_before(found),
            ("Training repeats", f"{found.train_repeats:,}", REPEATS),
        ):
            st.metric(label, figure, border=True, width="content", help=meaning)
    said = how_new(found, made=corpus.made)
    if said:
        st.markdown(said)
    st.markdown("**What the model never sees**")
    if found.unseen:
        st.text(", ".join(word for word, _ in found.unseen))
    else:
        st.markdown("Every word of the validation text also stands in training.")
    if corpus.made:
        st.markdown(
            "And in this made world: some facts of each relation never stand in a "
            "worksheet, only in prose and info-boxes. These are what the tasks ask."
        )


def seen_before(found: Exploration) -> list[tuple[str, str, str]]:
    """How much of the validation text stands in training: labels, shares, and what is counted."""
    unit = found.pieces.unit
    documents = Repeated("documents", found.val_documents, found.val_in_train)
    return [
        (label, f"{one.share:.1%}" if one.of else "–", SEEN.format(what=what))
        for label, one, what in (
            ("Documents seen before", documents, "Whole validation documents"),
            ("Lines seen before", found.lines, "Lines of the validation text"),
            (f"Of {unit}, seen before", found.pieces, f"Pieces of {unit} of the validation text"),
        )
    ]


def how_new(found: Exploration, *, made: bool) -> str:
    """What the repeated part of the validation text means for its loss; "" if it is small."""
    lines, pieces = found.lines, found.pieces
    counted = f"{lines.share:.0%} of its lines"
    if pieces.of:
        counted += f" and {pieces.share:.0%} of its pieces of {pieces.unit}"
    if made:
        return (
            "The sentences of this world are made from patterns and tables, so the same line can "
            f"stand in many documents. Of the validation text, {counted} stand in training as "
            "well, although no whole document does. The best possible loss (*true entropy*) is "
            "that of the same documents. What the tasks ask is held out apart from this: no line "
            "of a worksheet, of translations or of reviews holds it."
        )
    if (pieces if pieces.of else lines).share < MUCH:
        return ""
    return (
        f"**Much of the validation text is not new**: {counted} stand in training as well. Its "
        "loss says how well the model remembers, more than how it would read a new text."
    )


def rare_words(ranks: Sequence[RankedWord]) -> str:
    """Markdown: how often a word half way down the list stands in the text, beside Zipf's law."""
    if not ranks:
        return ""
    first, last = ranks[0], ranks[-1]
    middle = min(ranks, key=lambda one: abs(one.rank - last.rank / 2))
    law = first.count / middle.rank
    said = (
        f"This text has {last.rank:,} different words. About half way down the list, at rank "
        f"{middle.rank:,}, stands **{literal(middle.word)}**, {times(middle.count)}; by the law it "
        f"would be about {law:,.0f}."
    )
    if middle.count > 2 * law:
        return (
            f"{said} So few of its words are rare: half of them stand there as often as that, or "
            "more often."
        )
    return f"{said} So a model reads half of these words no more often than that."


def zipf(ranks: Sequence[RankedWord]) -> Figure:
    """A chart of the count of words against their rank, with Zipf's law through the first point."""
    first = ranks[0].count if ranks else 1
    data: list[Trace] = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "words of this corpus",
            "x": [one.rank for one in ranks],
            "y": [one.count for one in ranks],
            "text": [visible(one.word) for one in ranks],
            "marker": {"color": BLUE, "size": 7},
            "hovertemplate": "%{text}: rank %{x:,}, %{y:,} times<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Zipf's law",
            "x": [one.rank for one in ranks],
            "y": [first / one.rank for one in ranks],
            "line": {"color": GREY, "dash": "dash", "width": 1.5},
            "hoverinfo": "skip",
        },
    ]
    layout = base_layout("Rank", "Count", log=True)
    layout["xaxis"] |= {"type": "log"}
    return {"data": data, "layout": layout}


def span(one: LengthBin) -> str:
    """The lengths of a bin in words: `100 to 119 characters`."""
    last = one.end - 1
    lengths = f"{one.start:,}" if last == one.start else f"{one.start:,} to {last:,}"
    return f"{lengths} characters"


def most_common_length(bins: Sequence[LengthBin]) -> str:
    """What the histogram shows, in a sentence with its figures."""
    total, most = sum(one.documents for one in bins), max(bins, key=lambda one: one.documents)
    return (
        f"The highest bar: {most.documents:,} of {total:,} documents "
        f"({most.documents / total:.0%}) have {span(most)}."
    )


def lengths(bins: Sequence[LengthBin]) -> Figure:
    """A histogram of the lengths of documents, in characters; a bar is as wide as its bin."""
    data: list[Trace] = [
        {
            "type": "bar",
            "x": [(one.start + one.end) / 2 for one in bins],
            "width": [one.end - one.start for one in bins],
            "y": [one.documents for one in bins],
            "customdata": [span(one) for one in bins],
            "marker": {"color": BLUE},
            "hovertemplate": "%{customdata}: %{y:,} documents<extra></extra>",
        }
    ]
    return {"data": data, "layout": base_layout("Characters", "Documents")}

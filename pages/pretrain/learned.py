"""What a run has learned so far: the phases it has passed, and its probes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.pretrain.learned_charts import probe_curves
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.phases import Phase
from tinylm.events import Probed
from ui.charts.phase_marks import by_mark
from ui.frame import literal, numbers_behind
from ui.plot import live_plot

PROBES_TELL = (
    "Pairs of sentences that differ in one place: the right one should be the likelier. "
    "**Grammar** is an article, a plural or the order of words; **meaning** what kind of thing a "
    "word names or what its opposite is; **facts** what the text says of the world. Nothing ever "
    "asked the model for them: it only predicts the next token. To choose between two sentences, a "
    "slight lean is enough, and half are right by chance. *Why it works* asks for more: what "
    "share of its odds the model gives to the right word. So the two figures differ."
)


def passed(found: Sequence[Phase]) -> None:
    """List the phases, newest last, with the numbers that mark them in the chart."""
    if not found:
        return
    st.markdown("**What it has passed**")
    st.markdown(
        "\n".join(
            f"{number}. Step {step:,}: "
            + ", and ".join(f"**{literal(one.name)}**, {literal(one.text)}" for one in several)
            for number, (step, several) in enumerate(by_mark(found), start=1)
        )
    )


def pieces(perplexity: float) -> str:
    """A perplexity as a number of pieces."""
    return f"{perplexity:,.0f}" if perplexity >= 9.95 else f"{perplexity:.1f}"


def probe_chart(probes: Sequence[Probed]) -> None:
    """Draw the probes against the step; draw nothing if the corpus has none."""
    if not probes:
        return
    with st.container(width=720):
        st.markdown(PROBES_TELL)
    newest = {probe.name: probe for probe in probes}
    told = ", ".join(f"{n} {one.correct} of {one.num_items}" for n, one in newest.items())
    live_plot(
        probe_curves(probes),
        key="probes",
        label=f"Pairs told apart against the step; newest: {told}. By chance half.",
        height=260,
    )
    rows = []
    for probe in probes:
        low, high = wilson(probe.correct, probe.num_items)
        rows.append(
            {"step": probe.step, "name": probe.name, "correct": probe.correct}
            | {"num_items": probe.num_items, "share": probe.correct / probe.num_items}
            | {"low": low, "high": high}
        )
    numbers_behind(rows, "probes-table", "The probes as a table, with 95 % intervals")

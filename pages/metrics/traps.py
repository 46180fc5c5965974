"""Perplexity and its trap, and what all four traps of the page on metrics share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.metrics.charts import describe_lines, doubling_axis, lines
from tinylm.evaluation.traps import in_units
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import ask, service
from ui.charts.base import Row
from ui.frame import literal, numbers_behind
from ui.plot import live_plot
from ui.predict import predict, reveal

SHOTS = (0, 1, 2, 4, 8)
SEED = 1  # of everything that is drawn on this page


def predicted(key: str, question: str, options: Sequence[str]) -> bool:
    """Ask first; True once the learner has answered, or wants to see it without."""
    shown = f"shown-{key}"
    if predict(key, question, options) or st.session_state.get(shown):
        return True

    def show() -> None:
        st.session_state[shown] = True

    st.button("Show it without a prediction", key=f"button-{key}", on_click=show)
    return False


def choose_scored(base: RunRow, key: str, shots: int) -> tuple[int, int]:
    """A checkpoint of the base (0: untrained) and a number of examples, at first `shots`."""
    saved = service().checkpoints(base.id)
    names = {step: f"after step {step:,}" for step in saved[:-1]}
    names = {saved[-1]: f"base, after step {saved[-1]:,}", **names, 0: "untrained"}
    left, right = st.columns(2)
    with left:
        step = st.selectbox(
            "Model",
            list(names),
            format_func=names.__getitem__,
            key=f"{state.METRIC_MODEL}-{key}-{base.id}",
            persist_state="session",
        )
    with right:
        number = st.segmented_control(
            "Examples in the prompt (k)",
            SHOTS,
            default=shots,
            required=True,
            key=f"{state.METRIC_SHOTS}-{key}",
            persist_state="session",
        )
    return step, number


def perplexity_trap(base: RunRow) -> None:
    """One text and one model, counted in tokens of more and more vocabularies."""
    st.markdown(
        "**Perplexity** is exp(loss), with the loss in nats *per token*: as unsure as a choice "
        "among so many equal tokens. **Bits per byte** is the same total, divided by bytes of "
        "text."
    )
    if not predicted(
        state.PREDICTED_PERPLEXITY,
        "The same text with the same probabilities, but counted in the tokens of a larger "
        "vocabulary. Perplexity will …",
        ("fall", "stay the same", "rise"),
    ):
        return
    answers = ask(
        {
            "loss": ("loss", {"run": base.id, "step": -1}),
            "vocabulary": ("vocabulary", {"run": base.id}),
        },
        "Reading the validation text, and cutting it into tokens of many vocabularies …",
    )
    if len(answers) == 2:
        _show_units(base, answers["loss"], answers["vocabulary"])
        _other_vocabularies(base)


def unit_rows(loss: Row, vocabulary: Row) -> list[dict[str, Any]]:
    """The measured total per token of each vocabulary: `vocab_size, tokens` and both figures."""
    total = float(loss["loss"]) * int(loss["tokens"])
    return [
        {**row, **in_units(total, row["tokens"], vocabulary["bytes"])}
        for row in vocabulary["sizes"]
    ]


def _show_units(base: RunRow, loss: Row, vocabulary: Row) -> None:
    rows = {row["vocab_size"]: row for row in unit_rows(loss, vocabulary)}
    sizes, own = list(rows), int(vocabulary["vocab_size"])
    size = st.select_slider(
        "Vocabulary that the text is counted in",
        sizes,
        value=own,
        format_func=lambda one: f"{one:,}" + (" (bytes)" if one == 256 else ""),
        key=f"{state.METRIC_VOCABULARY}-{base.id}",
        persist_state="session",
        help="Smaller vocabularies are the first merges of the largest, learned on this corpus.",
    )
    row, total = rows[size], float(loss["loss"]) * int(loss["tokens"])
    with st.container(horizontal=True):
        st.metric(f"Perplexity, n = {row['tokens']:,} tokens", f"{row['perplexity']:.2f}")
        st.metric(f"Bits per byte, n = {vocabulary['bytes']:,}", f"{row['bits_per_byte']:.3f}")
        st.metric("Nats for the whole text", f"{total:,.0f}")
    series = {
        "perplexity": [row["perplexity"] for row in rows.values()],
        "bits per byte": [row["bits_per_byte"] for row in rows.values()],
    }
    figure = lines(sizes, series, x_title="Tokens in the vocabulary", chosen=size)
    live_plot(
        doubling_axis(figure, sizes),
        key="metric-perplexity",
        label="Against the vocabulary. "
        + describe_lines([f"{one:,} tokens" for one in sizes], series),
    )
    first, last = rows[sizes[0]], rows[sizes[-1]]
    reveal(
        state.PREDICTED_PERPLEXITY,
        f"Measured: {first['perplexity']:.2f} with {sizes[0]:,} tokens, "
        f"{last['perplexity']:.2f} with {sizes[-1]:,}: "
        f"{last['perplexity'] / first['perplexity']:.1f} times as much. Bits per byte: "
        f"{row['bits_per_byte']:.3f} with every one.",
        f"The model did not change: it reads in its own {own:,} tokens and gives this text "
        f"{total:,.0f} nats in all. Only the unit changed that the total is shared out to. "
        "A model *trained* with another vocabulary would be another model with another total, "
        "and then bits per byte is what compares the two.",
    )
    numbers_behind(_all_units(rows.values(), total, vocabulary), "metric-units-table")


def _all_units(rows: Any, total: float, vocabulary: Row) -> list[dict[str, Any]]:
    others = [
        {"counted per": name, "n": number, **in_units(total, number, vocabulary["bytes"])}
        for name, number in (("byte", vocabulary["bytes"]), ("word", vocabulary["words"]))
    ]
    return others + [
        {"counted per": f"token of {row['vocab_size']:,}", "n": row["tokens"]}
        | {name: row[name] for name in ("perplexity", "bits_per_byte")}
        for row in rows
    ]


def _other_vocabularies(base: RunRow) -> None:
    """Finished runs on the same corpus, where there are several vocabularies among them."""
    rows = [
        {
            "run": run.title,
            "vocabulary": run.config["model"]["vocab_size"],
            "perplexity": math.exp(last["loss"]),
            "bits per byte": last["bits_per_byte"],
            "validation tokens": last["num_tokens"],
            "id": run.id,
        }
        for run in service().runs("pretrain")
        if run.corpus == base.corpus and run.status == "done"
        if (last := service().latest(run.id, "eval")) and last["loss"] < 50
    ]
    if len({row["vocabulary"] for row in rows}) < 2:
        st.markdown(
            "Train a second run on this corpus with another `vocab_size`, and both stand here: "
            "two models, of which perplexity alone would not say which is better."
        )
        return
    best = {name: min(rows, key=lambda row: row[name]) for name in ("perplexity", "bits per byte")}
    st.markdown("**Your runs on this corpus, each in its own tokens**")
    st.dataframe(
        sorted(rows, key=lambda row: row["vocabulary"]),
        hide_index=True,
        alt="Finished runs with their vocabularies, perplexity and bits per byte",
    )
    agree = best["perplexity"]["id"] == best["bits per byte"]["id"]
    st.markdown(
        f"Lowest perplexity: {literal(best['perplexity']['run'])} "
        f"({best['perplexity']['vocabulary']:,} tokens). Fewest bits per byte: "
        f"{literal(best['bits per byte']['run'])} ({best['bits per byte']['vocabulary']:,}). "
        + (
            "Here both name the same run."
            if agree
            else "They disagree: only bits per byte compares the two models."
        )
    )

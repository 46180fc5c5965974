"""Perplexity and its trap, and the functions that the traps of the page on metrics share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.metrics import keys
from pages.metrics.charts import describe_lines, lines
from tinylm.evaluation.traps import Units, in_units
from tinylm.events import EvalDone
from tinylm.questions import Answer, Question
from tinylm.questions.models import CorpusLoss, InVocabulary, Loss, Vocabularies, VocabularyCounts
from tinylm.runs.store.rows import RunRow, shown_id
from ui.asking import ask_all, service
from ui.charts.base import plain
from ui.frame import literal, numbers_behind
from ui.plot import live_plot
from ui.predict import predict, reveal
from ui.tables import small_table
from ui.widgets import segments

SHOTS = (0, 1, 2, 4, 8)
SIZES = ("fall", "stay the same", "rise")  # what perplexity may do as the vocabulary grows
SEED = 1  # for all random draws on this page


def choose_scored(base: RunRow, key: str, shots: int, first: int = -1) -> tuple[int, int]:
    """Ask for a step of the base (0: untrained) and a number of examples.

    At first these are the step `first`, or else the one that lessons use, and `shots`.
    """
    saved = service().checkpoints(base.id)
    used = service().best_step(base.id) or saved[-1]
    names = {used: f"base, after step {used:,}"} | {
        step: f"after step {step:,}" for step in saved if step != used
    }
    names[0] = "untrained"
    left, right = st.columns(2)
    with left:
        step = st.selectbox(
            "Model",
            list(names),
            list(names).index(first) if first in names else 0,
            format_func=names.__getitem__,
            key=f"{keys.METRIC_MODEL}-{key}-{base.id}",
            persist_state="session",
        )
    with right:
        chosen = f"{keys.METRIC_SHOTS}-{key}"
        number = segments("Examples in the prompt (k)", SHOTS, shots, key=chosen)
    return step, number


def plot_shares(
    shares: Sequence[float],
    series: Mapping[str, Sequence[float]],
    label: str,
    chosen: float,
    *,
    key: str,
) -> None:
    """Plot `series` against the share of the items that belong to the class `label`."""
    told = describe_lines([f"{one:.0%}" for one in shares], series, percent=True)
    title = f"Share of the items that are {plain(label)}"
    live_plot(
        lines(shares, series, x_title=title, chosen=chosen, percent=True),
        key=key,
        label=f"Against the share of items that are {label}. {told}",
    )


def perplexity_trap(base: RunRow) -> None:
    """Show how a model's perplexity on a text depends on the vocabulary that it is counted in."""
    st.markdown(
        "**Perplexity** says between how many equal tokens the model hesitates. It is exp(loss), "
        "with the loss in nats *per token*. A **nat** is a unit of surprise, as the bit is: "
        f"one nat is {1 / math.log(2):.2f} bits. **Bits per byte** is the surprise at the whole "
        "text, in bits, divided by the bytes of the text."
    )
    if not predict(
        keys.PREDICTED_PERPLEXITY,
        "The same text with the same probabilities, but counted in the tokens of a larger "
        "vocabulary. Perplexity will …",
        SIZES,
        base.id,
        ordered=True,
    ):
        return
    asked: dict[str, Question[Answer]] = {
        "loss": Loss(base.id, service().best_step(base.id) or 0),
        "vocabularies": Vocabularies(base.id, base.corpus, base.config.documents),
    }
    found = ask_all(
        asked, "Reading the validation text, and cutting it into tokens of many vocabularies …"
    )
    loss, counts = found.get("loss"), found.get("vocabularies")
    if isinstance(loss, CorpusLoss) and isinstance(counts, VocabularyCounts):
        _show_units(base, loss, counts)
        _other_vocabularies(base)


def per_vocabulary(loss: CorpusLoss, counts: VocabularyCounts) -> dict[InVocabulary, Units]:
    """The measured total loss, divided by the number of tokens in each vocabulary."""
    total = loss.loss * loss.tokens
    return {one: in_units(total, one.tokens, counts.bytes) for one in counts.sizes}


def _show_units(base: RunRow, loss: CorpusLoss, counts: VocabularyCounts) -> None:
    units = per_vocabulary(loss, counts)
    by_size = {one.vocab_size: (one.tokens, unit) for one, unit in units.items()}
    sizes, own = list(by_size), counts.vocab_size
    size = st.select_slider(
        "Vocabulary that the text is counted in",
        sizes,
        value=own,
        format_func=lambda one: f"{one:,}" + (" (bytes)" if one == 256 else ""),
        key=f"{keys.METRIC_VOCABULARY}-{base.id}",
        persist_state="session",
        help="Smaller vocabularies are the first merges of the largest, learned on this corpus.",
    )
    (tokens, unit), total = by_size[size], loss.loss * loss.tokens
    with st.container(horizontal=True):
        st.metric(f"Perplexity, n = {tokens:,} tokens", f"{unit.perplexity:.2f}")
        st.metric(f"Bits per byte, n = {counts.bytes:,}", f"{unit.bits_per_byte:.3f}")
        st.metric("Nats for the whole text", f"{total:,.0f}")
    series = {
        "perplexity": [one.perplexity for one in units.values()],
        "bits per byte": [one.bits_per_byte for one in units.values()],
    }
    live_plot(
        lines(sizes, series, x_title="Tokens in the vocabulary", chosen=size, doubling=True),
        key="metric-perplexity",
        label="Against the vocabulary. "
        + describe_lines([f"{one:,} tokens" for one in sizes], series),
    )
    first, last = (by_size[sizes[place]][1].perplexity for place in (0, -1))
    reveal(
        keys.PREDICTED_PERPLEXITY,
        f"Perplexity is {first:.2f} with {sizes[0]:,} tokens and {last:.2f} with {sizes[-1]:,}: "
        f"{last / first:.1f} times as much. Bits per byte are {unit.bits_per_byte:.3f} with every "
        "one.",
        f"The model did not change: it reads in its own {own:,} tokens and gives this text "
        f"{total:,.0f} nats in all. Only the unit changed that the total is shared out to. "
        "A model *trained* with another vocabulary would be another model with another total, "
        "and then bits per byte is what compares the two.",
        base.id,
        right=SIZES[(last > first) - (last < first) + 1],
    )
    numbers_behind(_all_units(units, total, counts), "metric-units-table")


def _all_units(
    units: Mapping[InVocabulary, Units], total: float, counts: VocabularyCounts
) -> list[dict[str, str | float]]:
    found = {
        ("byte", counts.bytes): in_units(total, counts.bytes, counts.bytes),
        ("word", counts.words): in_units(total, counts.words, counts.bytes),
    } | {(f"token of {one.vocab_size:,}", one.tokens): unit for one, unit in units.items()}
    return [{"counted per": name, "n": n, **unit._asdict()} for (name, n), unit in found.items()]


def _other_vocabularies(base: RunRow) -> None:
    """Compare finished runs on the same corpus, if their vocabularies differ in size."""
    found = [
        (run, last)
        for run in service().runs("pretrain")
        if run.corpus == base.corpus and run.status == "done"
        if (last := service().latest(run.id, EvalDone)) and last.loss < 50
    ]
    if len({run.config.model.vocab_size for run, _ in found}) < 2:
        st.markdown(
            "Train a second run on this corpus with another `vocab_size`, and both stand here: "
            "two models, of which perplexity alone would not say which is better."
        )
        return
    st.markdown("**Your runs on this corpus, each in its own tokens**")
    small_table(
        [
            {
                "run": f"{literal(run.title)}, {shown_id(run.id)}",
                "vocabulary": f"{run.config.model.vocab_size:,}",
                "perplexity": f"{math.exp(last.loss):,.2f}",
                "bits per byte": f"{last.bits_per_byte:.3f}",
                "validation tokens": f"{last.num_tokens:,}",
            }
            for run, last in sorted(found, key=lambda one: one[0].config.model.vocab_size)
        ],
        "vocabularies",
    )
    surest, _ = min(found, key=lambda one: one[1].loss)  # it also has the lowest perplexity
    shortest, _ = min(found, key=lambda one: one[1].bits_per_byte)
    st.markdown(
        f"Lowest perplexity: {literal(surest.title)} ({surest.config.model.vocab_size:,} tokens). "
        f"Fewest bits per byte: {literal(shortest.title)} "
        f"({shortest.config.model.vocab_size:,}). "
        + (
            "Here both name the same run."
            if surest.id == shortest.id
            else "They disagree: only bits per byte compares the two models."
        )
    )

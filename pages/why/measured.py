"""The picture of all kinds and steps, and the verdict on what was predicted of them."""

from __future__ import annotations

import streamlit as st

from pages.why import keys
from pages.why.chart import by_kind, clear_first, kinds_by_step, step_name
from pages.why.looks import Looks
from tinylm.recorded import kinds
from ui.charts.whole import percent
from ui.frame import numbers_behind
from ui.plot import live_plot
from ui.predict import reveal

OPTIONS = {"grammar": "Grammar", "meaning": "Meaning", "facts": "Facts", "": "All at once"}
RULES = (
    "What shows in most sentences is learned first. Each sentence of the text teaches some "
    "grammar. A word of joy or regret stands in fewer of them. One capital stands in very few, "
    "and no rule leads to it: it must be kept by itself."
)
UNUSUAL = (
    "In most trainings here grammar comes first, because each sentence of the text teaches some of "
    "it. In this one the figures do not say so. Its text or its settings differ."
)
OVERTAKEN = (
    "At the end this model is surer of facts than of meaning. Reviews are few in its text, and a "
    "longer training would read more of them."
)
WHAT = {
    "grammar": "word that fits the grammar",
    "meaning": "word that fits the meaning",
    "facts": "right fact",
}


def measured(looks: Looks) -> None:
    """The picture of all kinds and steps, and the verdict on the prediction."""
    found = looks.chances()
    if len(found) < len(looks.steps) or len(found) < 2:
        return
    steps = sorted(found)
    early, last = by_kind(found[steps[1]]), by_kind(found[steps[-1]])
    first = clear_first(found[steps[1]])
    told = [
        f"{percent(early[kind].mean)} to a {what}" for kind, what in WHAT.items() if kind in early
    ]
    ends = [f"{percent(one.mean)} for {kind}" for kind, one in last.items()]
    reveal(
        keys.WHICH_FIRST,
        f"At step {steps[1]:,} {looks.whose} gives {', '.join(told[:-1])}, and {told[-1]}."
        + (
            f" At step {steps[-1]:,} it is {', '.join(ends[:-1])}, and {ends[-1]}."
            * (len(steps) > 2)
        ),
        RULES if first == "grammar" else UNUSUAL,
        looks.run or "recorded",
        right=OPTIONS[first] if first else [],
    )
    live_plot(
        kinds_by_step(found),
        key="why-kinds",
        label="Probability of fitting words: "
        + "; ".join(
            f"{step_name(step, steps)}: "
            + ", ".join(f"{one.kind} {percent(one.mean)}" for one in found[step].kinds)
            for step in steps
        ),
        height=300,
    )
    number = min(one.n for one in last.values())
    st.markdown(
        f"Each bar is the mean over {number} sentences: the probability of all words that fit, "
        "together. The thin lines are 95 % intervals."
        + ("" if looks.run else f" Recorded on {kinds().date}, with seed {kinds().seed}.")
    )
    st.markdown(
        "Grammar alone says what form the word has, but not which word it is. Then it would get "
        + " and ".join(
            f"{percent(one.alone)} for {kind}" for kind, one in last.items() if one.alone
        )
        + ". What a bar has above that is more than grammar."
    )
    if {"meaning", "facts"} <= last.keys() and last["facts"].low > last["meaning"].high:
        st.markdown(OVERTAKEN)
    numbers_behind(
        [
            {"step": step, "kind": one.kind, "mean": one.mean, "low": one.low, "high": one.high}
            for step in steps
            for one in found[step].kinds
        ],
        "why-kinds-table",
    )

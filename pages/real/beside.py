"""The same facts, asked of a model that was trained here and of one with far more weights."""

from __future__ import annotations

import streamlit as st

from tinylm.recorded import OnTask, elsewhere
from ui.charts.base import BLUE, GREY, Figure, bars_across, error_bars
from ui.plot import live_plot

ASKED = {"facts": "as a worksheet", "questions": "as a question"}
EXAMPLES = {"facts": "`France -> Paris`", "questions": "`What is the capital of France?`"}


def larger_at_everything() -> None:
    """Say, with what was measured, that a larger model is not better at everything."""
    found = elsewhere()
    times = found.parameters / found.our_parameters
    by_task = {one.task: one for one in found.tasks}
    sheet, question = by_task["facts"], by_task["questions"]
    st.markdown(
        f"No. {found.model} has {times:,.0f} times the weights of the preset *{found.ours}* here. "
        f"Both were asked for the same facts in two ways. Asked {ASKED['facts']}, like "
        f"{EXAMPLES['facts']}, the large model is right in **{sheet.theirs[0]:.0%}** and the tiny "
        f"one in **{sheet.ours[0]:.0%}**. Asked {ASKED['questions']}, like "
        f"{EXAMPLES['questions']}, the large model is right in **{question.theirs[0]:.0%}** and "
        f"the tiny one in **{question.ours[0]:.0%}**."
    )
    live_plot(
        shares(found.tasks, found.ours, found.model),
        key="real-beside",
        label="Right answers: "
        + "; ".join(
            f"{ASKED[one.task]}, {found.ours} {one.ours[0]:.0%}, {found.model} {one.theirs[0]:.0%}"
            for one in found.tasks
        ),
        height=220,
    )
    st.markdown(
        "The tiny model read such worksheets, and never a question. The large one read pages of "
        "the web, where people ask and answer. Each is good at what its text was like. A larger "
        "model has room for more kinds of text."
    )
    st.caption(
        f"Recorded on {found.date} at commit {found.commit}. An answer counts if it is right "
        f"letter by letter. Each prompt had {found.shots} examples; of those with "
        f"questions, not all fit into the tiny model's context. n = {sheet.n} in each way to "
        f"ask. The tiny model's bar is the mean of {found.trainings} trainings. The large model's "
        f"weights are rounded to {found.bits} bits. Thin lines: 95 % intervals."
    )


def shares(tasks: tuple[OnTask, ...], ours: str, theirs: str) -> Figure:
    """The share of right answers of both models, for each way to ask."""
    sides = (
        (ours, BLUE, [one.ours for one in tasks]),
        (theirs, GREY, [one.theirs for one in tasks]),
    )
    figure = bars_across(
        {name: ([one[0] for one in figures], {"color": colour}) for name, colour, figures in sides},
        [ASKED[one.task] for one in tasks],
        shown=".0%",
        axis=".0%",
        title="Right answers",
    )
    for trace, (_, _, figures) in zip(figure["data"], sides, strict=True):
        trace["error_x"] = error_bars(figures)
    figure["layout"]["xaxis"] |= {"range": [0, 1]}
    return figure

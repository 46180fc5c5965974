"""The curve of a run with its controls, and the lines that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from tinylm.evaluation.phases import Phase
from tinylm.events import CurvePoint, EvalDone
from tinylm.questions.models import Ladder
from tinylm.runs.store.history import Recent
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.charts import training
from ui.charts.base import Figure
from ui.charts.ladder import describe_ladder, ladder_rows, standing, with_ladder
from ui.charts.phase_marks import describe_phases, placed, with_phases
from ui.frame import numbers_behind
from ui.plot import live_plot, packed
from ui.widgets import segments

MEASURE_NAMES = {"loss": "loss", "perplexity": "perplexity", "bits_per_byte": "bits per byte"}
SIGN_NAMES = {"grad_norm": "gradient", "lr": "learning rate", "tokens_per_sec": "speed"}
AXIS_NAMES = {"step": "steps", "tokens_seen": "tokens", "seconds": "seconds"}


@dataclass(frozen=True)
class _Drawn:
    """A finished chart, kept for others who look at the same reading of the run."""

    reading: tuple[object, ...]  # the data of the chart; the same objects mean the same chart
    figure: str  # as `packed` returns it
    label: str


_DRAWN: Recent[_Drawn] = Recent()  # by run, measure, axis and scale


def axes(measures: dict[str, str], key: str = "") -> tuple[str, str, bool]:
    """Ask for the measure, the x axis, and whether y is logarithmic; the session keeps the choice.

    `key` tells several such controls apart.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.radio(
            "Show",
            list(measures),
            format_func=measures.__getitem__,
            horizontal=True,
            key=state.MEASURE + key,
            persist_state="session",
            width="content",
        )
        axis = segments(
            "against",
            list(AXIS_NAMES),
            "step",
            key=state.AXIS + key,
            names=AXIS_NAMES.__getitem__,
        )
        log = st.toggle("Logarithmic axis", key=state.LOG + key, persist_state="session")
    return measure, axis, log


def curve_of_run(
    run: RunRow,
    curve: Sequence[CurvePoint],
    evals: Sequence[EvalDone],
    ladder: Ladder | None,
    passed: Sequence[Phase] = (),
) -> None:
    """Show the chart with its controls, a sentence on where the run stands, and the numbers."""
    measure, axis, log = axes(MEASURE_NAMES | SIGN_NAMES)
    choice, reading = (run.id, measure, axis, log), (curve, evals, ladder)
    drawn = _DRAWN.get(choice)
    if drawn is None or any(a is not b for a, b in zip(drawn.reading, reading, strict=True)):
        figure, label = _draw(curve, evals, ladder, passed, measure, axis, log)
        drawn = _Drawn(reading, packed(figure), label)
        _DRAWN.put(choice, drawn)
    live_plot(drawn.figure, key=f"curve-{run.id}", label=drawn.label, height=420)
    if missing := training.describe_missing(curve):
        st.caption(missing)
    if where := standing(ladder, evals):
        st.markdown(where)
    rows = [
        {"step": found.step} | {name: training.measured(found, name) for name in MEASURE_NAMES}
        for found in evals
    ]
    numbers_behind(rows, f"curve-table-{run.id}", "Validation as a table")
    if ladder:
        numbers_behind(ladder_rows(ladder), f"ladder-table-{run.id}", "The lines as a table")


def _draw(
    curve: Sequence[CurvePoint],
    evals: Sequence[EvalDone],
    ladder: Ladder | None,
    passed: Sequence[Phase],
    measure: str,
    axis: str,
    log: bool,
) -> tuple[Figure, str]:
    """The chart, and a description of it in words."""
    if measure in SIGN_NAMES:
        figure = training.sign_curve(curve, measure, log=log, axis=axis)
        label = f"{training.SIGNS[measure]} over {curve[-1].step if curve else 0} steps."
    else:
        figure = training.training_curve(curve, evals, measure, log=log, axis=axis)
        figure = with_ladder(figure, ladder, measure, log=log)
        label = training.describe_curve(curve, evals, measure) + describe_ladder(ladder, measure)
    marks = placed(passed, curve, evals, axis)
    return with_phases(figure, marks), label + describe_phases(marks, axis)

"""Charts of training: the curve of a run, other signs of it, and several runs in one chart.

These are pure functions from what runs reported to Plotly figures.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tinylm.events import CurvePoint, EvalDone
from ui.charts import base
from ui.charts.base import (
    BLUE,
    GREEN,
    GREY,
    OCHRE,
    PURPLE,
    VERMILION,
    Figure,
    Trace,
    base_layout,
    gap,
    plain,
    short,
)

MEASURES = {
    "loss": "Loss (nats per token)",
    "perplexity": "Perplexity",
    "bits_per_byte": "Bits per byte",
}


class Measured(Protocol):
    """Anything with a loss in its three units: a validation, or a line to compare it with."""

    @property
    def loss(self) -> float: ...
    @property
    def perplexity(self) -> float: ...
    @property
    def bits_per_byte(self) -> float: ...


_READ: dict[str, Callable[[Measured], float]] = {
    "loss": lambda found: found.loss,
    "perplexity": lambda found: found.perplexity,
    "bits_per_byte": lambda found: found.bits_per_byte,
}


def measured(found: Measured, measure: str) -> float:
    """The loss in one of MEASURES."""
    return _READ[measure](found)


def measure_of_loss(loss: float, measure: str, bits_per_nat: float | None = None) -> float | None:
    """A loss in nats per token converted to `measure`; None if it is unknown or too large.

    `bits_per_nat` is how many bits per byte one nat per token is. It depends on the text and the
    tokenizer only, so any validation gives it.
    """
    if not math.isfinite(loss):
        return None
    if measure == "perplexity":
        return math.exp(loss) if loss < 50 else None
    if measure == "bits_per_byte":
        return None if bits_per_nat is None else loss * bits_per_nat
    return loss


def bits_per_nat(evals: Sequence[EvalDone]) -> float | None:
    """How many bits per byte one nat per token is on this run's validation text, if known."""
    for found in reversed(evals):
        if found.loss and math.isfinite(ratio := found.bits_per_byte / found.loss):
            return ratio
    return None


AXES = {"step": "Step", "tokens_seen": "Tokens read", "seconds": "Seconds of training"}
SIGNS = {
    "grad_norm": "Norm of the gradient",
    "lr": "Learning rate (AdamW)",
    "tokens_per_sec": "Tokens per second",
}
_SIGN: dict[str, Callable[[CurvePoint], float]] = {
    "grad_norm": lambda point: point.grad_norm,
    "lr": lambda point: point.lr,
    "tokens_per_sec": lambda point: point.tokens_per_sec,
}


def places(
    curve: Sequence[CurvePoint], evals: Sequence[EvalDone], axis: str
) -> tuple[list[float], list[float]]:
    """The positions of the points of a curve, and of the validations, on one of AXES.

    The seconds of training are computed from the tokens and the measured speed. The time for
    validations and checkpoints is not counted.
    """
    steps = [point.step for point in curve]
    if axis == "step":
        return list(steps), [found.step for found in evals]
    if axis == "tokens_seen":
        return [point.tokens_seen for point in curve], [found.tokens_seen for found in evals]
    timed: list[float] = []
    seconds, before = 0.0, 0
    for point in curve:
        if point.tokens_per_sec > 0:
            seconds += (point.tokens_seen - before) / point.tokens_per_sec
        before = point.tokens_seen
        timed.append(round(seconds, 2))
    last = len(steps) - 1
    looked = [
        timed[min(bisect_left(steps, found.step), last)] if found.step and steps else 0.0
        for found in evals
    ]
    return timed, looked


def describe_missing(curve: Sequence[CurvePoint]) -> str:
    """Where steps are missing from the curve; "" if it is complete."""
    before = ", ".join(f"{point.step:,}" for point in curve if point.missing)
    missing = sum(point.missing for point in curve)
    if not missing:
        return ""
    return (
        f"{missing:,} training steps are missing from this curve, shortly before step {before}: "
        "the run was interrupted before they were stored. The model did learn from them."
    )


def training_curve(
    curve: Sequence[CurvePoint],
    evals: Sequence[EvalDone],
    measure: str = "loss",
    *,
    log: bool = False,
    axis: str = "step",
) -> Figure:
    """The training and validation `measure` against the step or another one of AXES."""
    scale = bits_per_nat(evals)
    xs, looked = places(curve, evals, axis)
    values = [gap(measured(found, measure)) for found in evals]
    point = f"{AXES[axis]} %{{x}}: %{{y:.3f}}"
    data: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "training",
            "x": xs,
            "y": [short(measure_of_loss(point.loss, measure, scale)) for point in curve],
            "line": {"color": BLUE, "width": 1.5},
            "hovertemplate": f"{point}<extra>training</extra>",
        },
        base.curve("validation", looked, values, (VERMILION, "diamond"), point, size=7),
    ]
    layout = base_layout(AXES[axis], MEASURES[measure], log=log)
    layout["uirevision"] = f"{measure}-{log}-{axis}"  # another choice forgets the zoom
    return {"data": data, "layout": layout}


def sign_curve(
    curve: Sequence[CurvePoint], sign: str, *, log: bool = False, axis: str = "step"
) -> Figure:
    """The curve of one of SIGNS; these do not measure what was learned."""
    data: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": SIGNS[sign],
            "x": places(curve, (), axis)[0],
            "y": [short(_SIGN[sign](point)) for point in curve],
            "line": {"color": BLUE, "width": 1.5},
            "hovertemplate": f"{AXES[axis]} %{{x}}: %{{y:.4g}}<extra></extra>",
        }
    ]
    layout = base_layout(AXES[axis], SIGNS[sign], log=log)
    layout["uirevision"] = f"{sign}-{log}-{axis}"
    return {"data": data, "layout": layout}


RUN_LOOKS = (
    (BLUE, "circle", "solid"),
    (VERMILION, "diamond", "dash"),
    (GREEN, "square", "dot"),
    (PURPLE, "x", "dashdot"),
    (OCHRE, "triangle-up", "longdash"),
    (GREY, "star", "longdashdot"),
)


def overlaid_runs(
    runs: Sequence[tuple[str, Sequence[CurvePoint], Sequence[EvalDone]]],
    measure: str = "loss",
    *,
    log: bool = False,
    axis: str = "step",
    training: bool = False,
) -> Figure:
    """The validation `measure` of up to six runs, given as (name, curve, validations).

    Each run has its own colour, mark and dash. With `training`, its training curve is drawn too,
    thin and in the same colour.
    """
    data: list[Trace] = []
    for place, ((name, curve, evals), look) in enumerate(zip(runs, RUN_LOOKS, strict=False)):
        (colour, symbol, dash), safe = look, plain(name)
        xs, looked = places(curve, evals, axis)
        scale = bits_per_nat(evals)
        if training and curve:
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": f"{safe}, training",
                    "x": xs,
                    "y": [short(measure_of_loss(one.loss, measure, scale)) for one in curve],
                    "line": {"color": colour, "width": 1.2},
                    "legendgroup": str(place),
                    "showlegend": False,
                    "hoverinfo": "skip",
                }
            )
        values = [short(measured(found, measure)) for found in evals]
        point = f"{AXES[axis]} %{{x}}: %{{y:.3f}}"
        validation = base.curve(safe, looked, values, (colour, symbol), point, dash=dash)
        data.append(validation | {"legendgroup": str(place)})
    shown = MEASURES[measure] if training else f"{MEASURES[measure]}, validation"
    layout = base_layout(AXES[axis], shown, log=log)
    layout["uirevision"] = f"{measure}-{log}-{axis}"
    return {"data": data, "layout": layout}


def compare_curves(
    runs: Mapping[str, tuple[Sequence[CurvePoint], Sequence[EvalDone]]],
) -> Figure:
    """The loss of several models against the step: training thin, validation thick."""
    data: list[Trace] = []
    for model, (curve, evals) in runs.items():
        look = base.model_look(model)[:2]
        xs, ys = [point.step for point in curve], [gap(point.loss) for point in curve]
        name, point = f"{model}, training", "step %{x}: %{y:.3f}"
        trained = base.curve(name, xs, ys, look, point, width=1, size=7, dash="dot")
        xs, ys = [found.step for found in evals], [gap(found.loss) for found in evals]
        held_out = base.curve(f"{model}, held-out", xs, ys, look, point, size=7)
        data += [trained | {"mode": "lines"}, held_out]
    layout = base_layout("Step", MEASURES["loss"])
    if not any(trace["x"] for trace in data):  # axes without a point would show a made-up range
        layout["xaxis"] |= {"visible": False}
        layout["yaxis"] |= {"visible": False}
    return {"data": data, "layout": layout}


def describe_curve(curve: Sequence[CurvePoint], evals: Sequence[EvalDone], measure: str) -> str:
    """The training curve in a sentence, for people who cannot see it."""
    if not curve and not evals:
        return f"{MEASURES[measure]} against the step: no steps yet."
    scale = bits_per_nat(evals)
    parts = [f"{MEASURES[measure]} over {(curve or evals)[-1].step} steps."]
    ends = [measure_of_loss(end.loss, measure, scale) for end in (*curve[:1], *curve[-1:])]
    known = [f"{end:.2f}" for end in ends if end is not None]
    if len(known) == 2:
        parts.append(f"Training went from {known[0]} to {known[1]}.")
    if evals:
        newest = evals[-1]
        parts.append(f"Validation is {measured(newest, measure):.2f} at step {newest.step}.")
    return " ".join(parts)

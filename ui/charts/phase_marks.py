"""The phases of a run as marks in its chart, and in words.

Each mark is a vertical line with a number in a strip above the curves; what the numbers mean stands
in a list below the chart, where names fit on a telephone as well. These are pure functions of the
phases that evaluation/phases.py finds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby

from tinylm.evaluation.phases import Phase
from tinylm.events import CurvePoint, EvalDone
from ui.charts.base import GREY, Figure, Style, numbers
from ui.charts.training import places

STRIP = 0.08  # share of the height of the plot that is reserved for the numbers
NARROWEST = 255.0  # width of the plot on a telephone, in pixels
WIDE = 15.0  # pixels for a number
UNITS = {"step": "step {:,.0f}", "tokens_seen": "{:,.0f} tokens", "seconds": "{:,.0f} s"}


def by_mark(phases: Sequence[Phase]) -> list[tuple[int, list[Phase]]]:
    """The phases of each mark, in the order of their numbers, with the step that they share."""
    return [(step, list(several)) for step, several in groupby(phases, key=lambda one: one.step)]


def placed(
    phases: Sequence[Phase], curve: Sequence[CurvePoint], evals: Sequence[EvalDone], axis: str
) -> list[tuple[float, list[str]]]:
    """The marks of the phases: positions on `axis` and the names of the phases at each.

    A phase is reached at a validation and stands at the position of that validation. If it is not
    among `evals`, the phase stands at the next point of the curve.
    """
    xs, looked = places(curve, evals, axis)
    at = {found.step: x for found, x in zip(evals, looked, strict=True)}
    steps = [point.step for point in curve]
    found: list[tuple[float, list[str]]] = []
    for step, several in by_mark(phases):
        place = at.get(step)
        if place is None and steps:
            place = xs[min(bisect_left(steps, step), len(steps) - 1)]
        if place is not None:
            found.append((place, [phase.name for phase in several]))
    return found


def with_phases(figure: Figure, marks: Sequence[tuple[float, list[str]]]) -> Figure:
    """The chart of a run with a line at each mark; the strip is there even without a mark."""
    layout = figure["layout"]
    xs = [x for trace in figure["data"] for x in numbers(trace["x"])]
    shapes: list[Style] = [
        {
            "type": "line",
            "x0": place,
            "x1": place,
            "yref": "paper",
            "y0": 0,
            "y1": 1 - STRIP,
            "line": {"color": GREY, "width": 1, "dash": "dash"},
        }
        for place, _ in marks
    ]
    notes = _numbers(marks, (max(xs) - min(xs)) if xs else 0.0)
    layout = layout | {
        "yaxis": layout["yaxis"] | {"domain": [0, 1 - STRIP]},
        "shapes": [*layout.get("shapes", ()), *shapes],
        "annotations": [*layout.get("annotations", ()), *notes],
    }
    return {"data": figure["data"], "layout": layout}


def _numbers(marks: Sequence[tuple[float, list[str]]], width: float) -> list[Style]:
    """A number above each line, moved to the right if it would cover the one before it."""
    scale = NARROWEST / (width or 1.0)
    free = 0.0
    labels: list[Style] = []
    for number, (place, _) in enumerate(marks, start=1):
        middle = max(place * scale, free + WIDE / 2)
        free = middle + WIDE / 2
        labels.append(
            {
                "text": f"<b>{number}</b>",
                "x": place,
                "xshift": round(middle - place * scale, 1),
                "xanchor": "center",
                "yref": "paper",
                "y": 1 - STRIP,
                "yanchor": "bottom",
                "showarrow": False,
                "borderpad": 1,
                "font": {"size": 12},
            }
        )
    return labels


def describe_phases(marks: Sequence[tuple[float, list[str]]], axis: str) -> str:
    """The marks in a sentence, for people who cannot see them; "" if there are none."""
    if not marks:
        return ""
    told = "; ".join(
        f"{number}: {' and '.join(names)} at {UNITS[axis].format(x)}"
        for number, (x, names) in enumerate(marks, start=1)
    )
    return f" Marked phases: {told}."

"""The charts of the teacher's page: pure functions to Plotly figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinylm.runs.board import Line
from ui.charts.base import BLUE, GREEN, Figure, Trace, base_layout, plain, short

FAINT, LEADING = 0.5, 4.0  # opacity of a line among thirty, and width of the first one
FEW = 8  # learners up to whom each has a mark
DRAWING_MARKS = (1, 10, 100, 1_000, 10_000)


def class_curves(lines: Sequence[Line]) -> Figure:
    """A faint line for each learner, and a thick one with its name for the lowest loss."""
    data: list[Trace] = [_line(one, opacity=FAINT, width=1.5) for one in lines[1:]]
    layout = base_layout("Steps", "Loss (nats per token)")
    layout["showlegend"] = False
    layout["xaxis"] |= {"rangemode": "tozero"}
    if lines:
        leader = lines[0]
        data.append(_line(leader, opacity=1.0, width=LEADING))
        layout["annotations"] = [
            {
                "x": leader.points[-1].step,
                "y": short(leader.loss),
                "text": f"<b>{plain(leader.label)}</b>",
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "top",
                "yshift": -4,
            }
        ]
    return {"data": data, "layout": layout}


def _line(one: Line, *, opacity: float, width: float) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(one.label),
        "x": [point.step for point in one.points],
        "y": [short(point.loss) for point in one.points],
        "line": {"color": BLUE, "width": width},
        "opacity": opacity,
        "hovertemplate": f"{plain(one.label)}: step %{{x:,}}, loss %{{y:.2f}}<extra></extra>",
    }


def bars_of(counts: Mapping[str, int], axis: str) -> Figure:
    """How often each answer was given, as upright bars with their numbers on them."""
    layout = base_layout(axis, "Learners")
    layout["showlegend"] = False
    layout["xaxis"] |= {"type": "category"}
    layout["yaxis"] |= {"rangemode": "tozero", "tickformat": "d"}
    if max(counts.values(), default=0) <= FEW:
        layout["yaxis"] |= {"dtick": 1}  # else there would be marks between whole learners
    bars: Trace = {
        "type": "bar",
        "x": [plain(label) for label in counts],
        "y": list(counts.values()),
        "text": [str(number) if number else "" for number in counts.values()],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": GREEN},
        "hovertemplate": "%{x}: %{y}<extra></extra>",
    }
    layout["margin"] |= {"t": 28}
    return {"data": [bars], "layout": layout}


def drawings(
    curves: Sequence[Sequence[float]], middle: Sequence[float], at: Sequence[float]
) -> Figure:
    """Every curve that was drawn as a faint line, and the middle of the class as a thick one."""
    layout = base_layout("Share of the training", "Perplexity", log=True)
    layout["showlegend"] = False
    layout["xaxis"] |= {"tickformat": ".0%"}
    layout["yaxis"] |= {"tickvals": list(DRAWING_MARKS)}
    look = [(curve, FAINT, 1.5) for curve in curves] + [(middle, 1.0, LEADING)]
    data: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": list(at),
            "y": list(map(short, curve)),
            "line": {"color": GREEN, "width": width},
            "opacity": opacity,
            "hovertemplate": "%{x:.0%}: %{y:.3s}<extra></extra>",
        }
        for curve, opacity, width in look
    ]
    return {"data": data, "layout": layout}

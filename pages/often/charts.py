"""Charts of right and sure: by how often a fact was told, and by how sure the answer is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tinylm.experiments.recording import Over
from tinylm.questions.experiments import Figure as Measured
from ui.charts.base import (
    BLUE,
    GREY,
    OCHRE,
    Figure,
    Trace,
    base_layout,
    curve,
    error_bars,
    ticks,
)

RIGHT, SURE = "right", "sure of its answer"
LOOKS = {RIGHT: (BLUE, "circle", ""), SURE: (OCHRE, "square", "dash")}


class Point(NamedTuple):
    """What was measured at one place of the axis: recorded over seeds, and live."""

    name: str  # of the place
    recorded: Over | None
    live: Measured | None = None


def rising(lines: Mapping[str, Sequence[Point]]) -> Figure:
    """A line each through the recorded means, with the range over the seeds; live as diamonds."""
    data: list[Trace] = []
    for name, points in lines.items():
        colour, mark, dash = LOOKS[name]
        known = [(i, one.recorded) for i, one in enumerate(points) if one.recorded is not None]
        if known:
            line = curve(
                name,
                [i for i, _ in known],
                [one.mean for _, one in known],
                (colour, mark),
                "%{y:.0%}",
                dash=dash,
            )
            ranges = error_bars([one[:3] for _, one in known]) | {"color": colour}
            data.append(line | {"error_y": ranges})
        live = [(i, one.live) for i, one in enumerate(points) if one.live is not None]
        if live:
            data.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"{name}, live",
                    "x": [i for i, _ in live],
                    "y": [one.value for _, one in live],
                    "marker": {
                        "symbol": "diamond",
                        "size": 13,
                        "color": colour,
                        "line": {"color": "white", "width": 2},
                    },
                    "error_y": error_bars([(one.value, one.low, one.high) for _, one in live])
                    | {"color": colour},
                    "cliponaxis": False,
                    "hovertemplate": f"%{{y:.0%}}<extra>{name}, live</extra>",
                }
            )
    first = next(iter(lines.values()))
    layout = base_layout("Times that the text tells the fact", "How often right, how sure")
    layout["xaxis"] |= ticks([one.name for one in first])
    layout["yaxis"] |= {"tickformat": ".0%", "range": [0, 1.02]}
    return {"data": data, "layout": layout}


def reliability(points: Sequence[tuple[Over, Over]]) -> Figure:
    """Mean confidence across, accuracy up, with the diagonal on which both agree."""
    line = curve(
        "measured",
        [sure.mean for sure, _ in points],
        [right.mean for _, right in points],
        (BLUE, "circle"),
        "sure to %{x:.0%}: right in %{y:.0%}",
    )
    exact: Trace = {
        "type": "scatter",
        "mode": "lines",
        "name": "as sure as right",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": GREY, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    layout = base_layout("How sure it is", "How often it is right")
    for axis in (layout["xaxis"], layout["yaxis"]):
        axis |= {"tickformat": ".0%", "range": [0, 1.02]}
    right = error_bars([one[:3] for _, one in points]) | {"color": BLUE}
    return {"data": [exact, line | {"error_y": right}], "layout": layout}


def describe(lines: Mapping[str, Sequence[Point]]) -> str:
    """The lines in words, for screen readers."""
    said = []
    for name, points in lines.items():
        places = [
            f"told {one.name} {one.recorded.mean:.0%}" for one in points if one.recorded is not None
        ]
        live = [f"told {one.name} {one.live.value:.0%}" for one in points if one.live is not None]
        said.append(f"{name}: {', '.join(places) or 'not recorded'}")
        if live:
            said.append(f"{name}, live: {', '.join(live)}")
    return "; ".join(said) + "."

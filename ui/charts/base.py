"""Charts as plain data: pure functions from what was measured to a Plotly figure.

Plain dictionaries, because a figure is rebuilt at every tick of a live page. Colours of text
and lines come from the page's theme (ui/plot.py); those of series are chosen here, after
Okabe and Ito, with at least 3:1 contrast on the light and on the dark background.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

BLUE, VERMILION, GREEN = "#2378c4", "#d55e00", "#00946c"
PURPLE, OCHRE, GREY = "#b65f96", "#a07a00", "#7d8488"
# Colour, mark and hatching: a second sign for people and projectors that do not tell colours apart.
MODEL_LOOKS = {
    "untrained": (GREY, "circle-open", "."),
    "base": (BLUE, "circle", ""),
    "fine-tuned": (VERMILION, "diamond", "/"),
    "scratch": (PURPLE, "square", "x"),
}

Style = dict[str, object]  # colours, fonts and the like, by Plotly's own names
Coordinates = Sequence[float | str | None]  # None leaves a gap


class Trace(TypedDict, total=False):
    """A series of a chart."""

    type: str
    mode: str
    name: str
    orientation: str
    x: Coordinates
    y: Coordinates
    z: Sequence[Coordinates]
    text: Sequence[str] | Sequence[Sequence[str]]
    customdata: Sequence[object]
    line: Style
    marker: Style
    error_y: Style
    fill: str
    fillcolor: str
    cliponaxis: bool
    opacity: float
    hoverinfo: str
    hovertemplate: str
    legendgroup: str
    showlegend: bool
    textposition: str
    textfont: Style
    colorscale: object
    colorbar: Style
    showscale: bool
    zmin: float
    zmax: float
    xaxis: str
    yaxis: str


class Layout(TypedDict, total=False):
    """What stands around the series."""

    uirevision: str
    margin: Style
    xaxis: Style
    yaxis: Style
    legend: Style
    showlegend: bool
    hovermode: str
    dragmode: str
    barmode: str
    grid: Style
    shapes: list[Style]
    annotations: list[Style]


class Figure(TypedDict):
    """What Plotly draws."""

    data: list[Trace]
    layout: Layout


def numbers(places: Coordinates) -> list[float]:
    """The numbers among coordinates."""
    return [place for place in places if isinstance(place, int | float)]


def gap(value: float | None) -> float | None:
    """None, which leaves a gap in a chart, where a value is not finite: JSON has no NaN."""
    return value if value is not None and math.isfinite(value) else None


def short(value: float | None) -> float | None:
    """Five digits: more than can be seen, in half the bytes of an update. As `gap`."""
    finite = gap(value)
    return None if finite is None else float(f"{finite:.5g}")


def odds_bars(odds: Mapping[str, Sequence[tuple[str, float]]], gold: str = "") -> Figure:
    """Probability of each answer, one bar a model; `odds` maps a model's name to its answers.

    The answers keep the order of the first model. The right one is marked in words.
    """
    first = next(iter(odds.values()), ())
    order = [text for text, _ in first]
    labels = [visible(text) + (" ✓" if gold and text.strip() == gold else "") for text in order]
    bars = {
        model: ([dict(answers).get(text, 0.0) for text in order], bar_marker([model] * len(order)))
        for model, answers in odds.items()
    }
    return bars_across(bars, labels, shown=".2%", axis=".3~%")


def bars_across(
    bars: Mapping[str, tuple[Sequence[float], Style]],
    labels: Sequence[str],
    *,
    shown: str,
    axis: str,
) -> Figure:
    """Probabilities as bars from the left: by name of a series its values, one a label, and marker.

    `shown` is the format of a value under the mouse, `axis` that of the axis.
    """
    data: list[Trace] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": list(range(len(labels))),  # two tokens may look the same
            "x": values,
            "customdata": labels,
            "marker": marker,
            "hovertemplate": f"%{{customdata}}: %{{x:{shown}}}<extra>{name}</extra>",
        }
        for name, (values, marker) in bars.items()
    ]
    layout = base_layout("Probability", "")
    layout["xaxis"] |= {"tickformat": axis, "rangemode": "tozero"}
    layout["yaxis"] |= {"autorange": "reversed"} | ticks(labels)
    layout["barmode"] = "group"
    return {"data": data, "layout": layout}


def curve(
    name: str,
    x: Coordinates,
    y: Coordinates,
    look: tuple[str, str],
    point: str,
    *,
    width: float = 2.5,
    size: int = 8,
    dash: str = "",
    extra: str = "",
) -> Trace:
    """A line with a mark at each point; `look` is their colour and the mark.

    `point` says what a point is when the mouse is over it, with `extra` or else the name.
    """
    line: Style = {"color": look[0], "width": width}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "line": line | {"dash": dash} if dash else line,
        "marker": {"size": size, "symbol": look[1]},
        "hovertemplate": f"{point}<extra>{extra or name}</extra>",
    }


def ticks(names: Sequence[str]) -> Style:
    """For an axis: a name at each of the places 0, 1, 2 and so on."""
    return {"tickvals": list(range(len(names))), "ticktext": list(names)}


def base_layout(x: str, y: str, *, log: bool = False) -> Layout:
    """Axes, legend and margins that all charts share."""
    return {
        "uirevision": "keep",  # constant: zoom and hidden series outlive every update
        "margin": {"l": 56, "r": 12, "t": 8, "b": 44},
        "xaxis": {"title": {"text": x, "standoff": 8}, "zeroline": False},
        "yaxis": {
            "title": {"text": y, "standoff": 12},
            "zeroline": False,
            "type": "log" if log else "linear",
        },
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "dragmode": "zoom",
    }


def line_across(
    layout: Layout, y: float, text: str, *, dash: str, at: float, font: Style | None = None
) -> None:
    """Add a grey line over the whole width, at `y`, and its name, which ends at `at` (0 to 1).

    At 0 it begins there.
    """
    line = {"color": GREY, "width": 1.5, "dash": dash}
    layout.setdefault("shapes", []).append(
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}
    )
    name: Style = {
        "xref": "paper",
        "x": at,
        "y": y,
        "text": text,
        "showarrow": False,
        "xanchor": "right" if at else "left",
        "yanchor": "bottom",
    }
    layout.setdefault("annotations", []).append(name | {"font": font} if font else name)


def model_look(model: str) -> tuple[str, str, str]:
    """Colour, mark and hatching of a model by its name."""
    return MODEL_LOOKS.get(model, (GREEN, "circle", ""))


def bar_marker(models: Sequence[str]) -> Style:
    """Colours and hatching of bars, one for each model."""
    return {
        "color": [model_look(model)[0] for model in models],
        "pattern": {
            "shape": [model_look(model)[2] for model in models],
            "fillmode": "overlay",
            "fgcolor": "rgba(255,255,255,0.6)",
            "size": 7,
        },
    }


def plain(text: str) -> str:
    """`text` without the markup that Plotly would read."""
    return text.replace("<", "‹").replace(">", "›").replace("&", "＆").replace("%{", "% {")


def visible(text: str) -> str:
    """A token with its blanks made visible, and without the markup Plotly would read."""
    shown = plain(text.replace("\n", "⏎"))
    return "␣" + shown[1:] if shown.startswith(" ") else shown or "∅"

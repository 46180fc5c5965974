"""Charts as plain data: pure functions from measurements to Plotly figures.

Figures are plain dictionaries, because a live page rebuilds them at every tick. The colours of
text and axes come from the theme of the page (ui/plot.py). Those of series are chosen here, after
Okabe and Ito, with a contrast of at least 3:1 on the light and on the dark background.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

BLUE, VERMILION, GREEN = "#2a7ecb", "#d55e00", "#00946c"
PURPLE, OCHRE, GREY = "#b65f96", "#a07a00", "#7d8488"
# Colour, mark and hatching: the last two help where colours cannot be told apart.
MODEL_LOOKS = {
    "untrained": (GREY, "circle-open", "."),
    "base": (BLUE, "circle", ""),
    "fine-tuned": (VERMILION, "diamond", "/"),
    "scratch": (PURPLE, "square", "x"),
    "made elsewhere": (OCHRE, "triangle-up", "\\"),
}

Style = dict[str, object]  # colours, fonts and so on, under Plotly's own names
Coordinates = Sequence[float | str | None]  # None leaves a gap


class Trace(TypedDict, total=False):
    """One series of a chart, with the fields that Plotly gives a trace."""

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
    error_x: Style
    error_y: Style
    fill: str
    fillcolor: str
    cliponaxis: bool
    opacity: float
    hoverinfo: str
    hovertemplate: str
    legendgroup: str
    showlegend: bool
    textposition: str | list[str]
    textfont: Style
    colorscale: object
    colorbar: Style
    showscale: bool
    width: Sequence[float]
    zmin: float
    zmax: float
    xaxis: str
    yaxis: str


class Layout(TypedDict, total=False):
    """What stands around the series: axes, legend, shapes and notes."""

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
    """A figure that Plotly can draw."""

    data: list[Trace]
    layout: Layout


def numbers(places: Coordinates) -> list[float]:
    """The coordinates that are numbers, without gaps and names."""
    return [place for place in places if isinstance(place, int | float)]


def gap(value: float | None) -> float | None:
    """The value, or None if it is not finite: None leaves a gap in a chart, and JSON has no NaN."""
    return value if value is not None and math.isfinite(value) else None


def short(value: float | None) -> float | None:
    """Like `gap`, with five digits: more cannot be seen and would double the size of an update."""
    finite = gap(value)
    return None if finite is None else float(f"{finite:.5g}")


def error_bars(figures: Sequence[tuple[float, float, float]]) -> Style:
    """Intervals for a trace's `error_x` or `error_y`, from a value, its low and its high each."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for value, _, high in figures],
        "arrayminus": [value - low for value, low, _ in figures],
    }


def odds_bars(odds: Mapping[str, Sequence[tuple[str, float]]]) -> Figure:
    """The probability of each answer, with one bar for each model.

    `odds` maps the name of a model to pairs of an answer and its probability. The answers keep
    the order of the first model.
    """
    first = next(iter(odds.values()), ())
    order = [text for text, _ in first]
    labels = [visible(text) for text in order]
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
    title: str = "Probability",
) -> Figure:
    """Horizontal bars.

    `bars` maps the name of a series to its values, one for each label, and its marker. `shown` is
    the number format of a value under the mouse, `axis` that of the axis, and `title` says what
    the axis measures.
    """
    data: list[Trace] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": list(range(len(labels))),  # numbers, because two tokens may look the same
            "x": values,
            "customdata": labels,
            "marker": marker,
            "hovertemplate": f"%{{customdata}}: %{{x:{shown}}}<extra>{name}</extra>",
        }
        for name, (values, marker) in bars.items()
    ]
    layout = base_layout(title, "")
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
    """A line with a mark at each point; `look` is the colour and the mark.

    `point` is the text for a point under the mouse; `extra`, or else the name, stands beside it.
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
    """Settings of an axis that put the names at the positions 0, 1, 2 and so on."""
    return {"tickvals": list(range(len(names))), "ticktext": list(names)}


def base_layout(x: str, y: str, *, log: bool = False) -> Layout:
    """The axes, legend and margins that all charts share; `x` and `y` are titles of axes."""
    return {
        "uirevision": "keep",  # it is constant, so zoom and hidden series survive every update
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
    layout: Layout,
    y: float,
    text: str = "",
    *,
    dash: str,
    at: float = 0.0,
    font: Style | None = None,
) -> None:
    """Add a grey line at `y` over the whole width, with a name if there is one.

    The name ends at `at`, a share of the width from 0 to 1; if `at` is 0, it begins there.
    """
    line = {"color": GREY, "width": 1.5, "dash": dash}
    layout.setdefault("shapes", []).append(
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}
    )
    if not text:
        return
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
    """The colour, mark and hatching of a model, by its name."""
    return MODEL_LOOKS.get(model, (GREEN, "circle", ""))


def bar_marker(models: Sequence[str]) -> Style:
    """The colours and hatching of bars, one bar for each model."""
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
    """`text` with the characters replaced that Plotly would read as markup."""
    return text.replace("<", "‹").replace(">", "›").replace("&", "＆").replace("%{", "% {")


def visible(text: str) -> str:
    """A token as `plain` text, with its line breaks and first space made visible."""
    shown = plain(text.replace("\n", "⏎"))
    return "␣" + shown[1:] if shown.startswith(" ") else shown or "∅"

"""Charts of the page on metrics: how values change with a setting; pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ui.charts.base import BLUE, GREEN, GREY, OCHRE, Figure, base_layout, curve

# Colour, mark and line style of the series in order; they differ in more than the colour.
LOOKS = (
    (BLUE, "circle", "solid"),
    (GREY, "diamond", "dash"),
    (GREEN, "square", "solid"),
    (OCHRE, "triangle-up", "dot"),
)


def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    x_title: str,
    y_title: str = "",
    chosen: float | None = None,
    percent: bool = False,
    doubling: bool = False,
) -> Figure:
    """A line for each of `series` against `x`, and a vertical line at `chosen`.

    With `percent`, both axes are shares from 0 to 1; otherwise y begins at 0. With `doubling`, `x`
    is the size of a vocabulary on a logarithmic axis, so every doubling has the same width.
    """
    point = "%{y:.1%}" if percent else "%{y:.2f}"
    data = [
        curve(name, list(x), list(values), (colour, symbol), point, dash=dash)
        for (name, values), (colour, symbol, dash) in zip(series.items(), LOOKS, strict=False)
    ]
    layout = base_layout(x_title, y_title)
    layout["hovermode"] = "x"
    layout["yaxis"] |= {"rangemode": "tozero"}
    if doubling:
        ticks = [size for size in (256, 512, 1024, 2048, 4096) if min(x) <= size <= max(x)]
        names = [f"{size:,}" for size in ticks]
        layout["xaxis"] |= {"type": "log", "tickvals": ticks, "ticktext": names}
    if percent:
        layout["xaxis"] |= {"tickformat": ".0%", "hoverformat": ".0%"}
        layout["yaxis"] |= {"range": [0, 1.04], "tickformat": ".0%"}
    if chosen is not None:
        line = {"color": GREY, "width": 2, "dash": "dot"}
        place = {"x0": chosen, "x1": chosen, "y0": 0, "y1": 1, "yref": "paper"}
        layout["shapes"] = [{"type": "line", "line": line, **place}]
    return {"data": data, "layout": layout}


def describe_lines(
    x: Sequence[str], series: Mapping[str, Sequence[float]], *, percent: bool = False
) -> str:
    """A sentence with the first and last value of each line, for people who cannot see them."""
    form = "{:.1%}" if percent else "{:.2f}"
    ends = (
        f"{name}: {form.format(values[0])} at {x[0]}, {form.format(values[-1])} at {x[-1]}"
        for name, values in series.items()
    )
    return "; ".join(ends) + "."

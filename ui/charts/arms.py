"""Charts of experiments: what was recorded over several seeds, and the live repetition over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from tinylm.experiments.recording import Over
from tinylm.questions.experiments import Figure as Measured
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
    curve,
    error_bars,
    gap,
    plain,
    ticks,
)

LIVE = "live, here"
RECORDED = "recorded"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, OCHRE, GREY)
MARKS = ("circle", "diamond", "square", "x", "triangle-up", "star")
DASHES = ("solid", "dot", "dash")
PERCENT = ".0%"
NAME_WIDTH = 22  # letters in a line of a name


class Bar(NamedTuple):
    """One bar: what was recorded, what was measured live; None where there is nothing."""

    name: str
    recorded: Over | None
    live: Measured | None = None
    colour: str = BLUE


def arm_bars(bars: Sequence[Bar], title: str, *, shown: str = PERCENT) -> Figure:
    """Horizontal bars: the recorded mean with the range over the seeds; live figures as diamonds.

    `title` says what the axis measures, `shown` is its number format.
    """
    rows = list(range(len(bars)))
    known = [(i, bar.recorded) for i, bar in enumerate(bars) if bar.recorded is not None]
    live = [(i, bar.live) for i, bar in enumerate(bars) if bar.live is not None]
    data: list[Trace] = []
    if known:
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": RECORDED,
                "y": [i for i, _ in known],
                "x": [gap(one.mean) for _, one in known],
                "error_x": error_bars([one[:3] for _, one in known]) | {"thickness": 2, "width": 6},
                "marker": {"color": [bars[i].colour for i, _ in known]},
                "customdata": [plain(bars[i].name) for i, _ in known],
                "hovertemplate": f"%{{customdata}}: %{{x:{shown}}}<extra>{RECORDED}</extra>",
                "showlegend": False,
            }
        )
    if live:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": LIVE,
                "y": [i for i, _ in live],
                "x": [gap(one.value) for _, one in live],
                "error_x": error_bars([(one.value, one.low, one.high) for _, one in live]),
                "marker": {
                    "symbol": "diamond",
                    "size": 14,
                    "color": GREY,
                    "line": {"color": "white", "width": 2},
                },
                "customdata": [plain(bars[i].name) for i, _ in live],
                "cliponaxis": False,  # a diamond at 0 is a whole one
                "hovertemplate": f"%{{customdata}}: %{{x:{shown}}}<extra>{LIVE}</extra>",
            }
        )
    layout = base_layout(title, "")
    layout["xaxis"] |= {"tickformat": shown, "rangemode": "tozero"}
    # Every bar has its row, also before anything is measured; the first one is at the top.
    names = [_wrapped(plain(bar.name)) for bar in bars]
    layout["yaxis"] |= {"range": [len(bars) - 0.5, -0.5]} | ticks(names)
    if shown == PERCENT:
        layout["xaxis"]["range"] = [0, 1.02]
    return {"data": data, "layout": layout | {"yaxis": layout["yaxis"] | {"tickvals": rows}}}


def _wrapped(name: str) -> str:
    """A name in lines so short that a phone has room for the bars beside it."""
    return "<br>".join(wrap(name, NAME_WIDTH)) or name


def describe_bars(bars: Sequence[Bar], *, shown: str = PERCENT) -> str:
    """The bars in words, for screen readers."""
    said = []
    for bar in bars:
        parts = []
        if bar.recorded is not None:
            mean, low, high = (_number(one, shown) for one in bar.recorded[:3])
            parts.append(f"recorded {mean}, from {low} to {high} over the seeds")
        if bar.live is not None:
            parts.append(f"live {_number(bar.live.value, shown)}")
        said.append(f"{bar.name}: {', '.join(parts) or 'not measured yet'}")
    return "; ".join(said) + "."


def look_lines(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    x: str,
    y: str,
    *,
    shown: str = PERCENT,
    log: bool = False,
    colours: Sequence[str] = COLOURS,
) -> Figure:
    """A line for each name through its points; `x` and `y` are titles of the axes.

    Lines of one colour, such as those of models of one kind, differ in their dash.
    """
    taken = [colours[i % len(colours)] for i in range(len(lines))]
    data = [
        curve(
            plain(name),
            [place for place, _ in points],
            [gap(value) for _, value in points],
            (taken[i], MARKS[i % len(MARKS)]),
            f"%{{x:,}}: %{{y:{shown}}}",
            size=9,
            dash=DASHES[taken[:i].count(taken[i]) % len(DASHES)],
        )
        for i, (name, points) in enumerate(lines.items())
    ]
    layout = base_layout(x, y, log=log)
    if shown == PERCENT:
        layout["yaxis"] |= {"tickformat": shown, "range": [0, 1.06]}
    return {"data": data, "layout": layout}


def _number(value: float, shown: str) -> str:
    return format(value, shown)

"""The picture of the experiment: three lines for each task, recorded and live."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.experiments.sudden import EXACT, LOG, METRICS, TOKENS, Point
from ui.charts.base import BLUE, GREEN, OCHRE, Coordinates, Figure, Trace, base_layout, curve

LOOKS = {EXACT: (BLUE, "circle"), TOKENS: (GREEN, "square"), LOG: (OCHRE, "diamond")}


def lines(recorded: Sequence[Point], live: Sequence[Point]) -> Figure:
    """The three metrics of one task: recorded means as lines, the live run as large marks."""
    data: list[Trace] = []
    for name, title in METRICS.items():
        colour, mark = LOOKS[name]
        shown = "%{x:,} updates: %{y:.0%}"
        if recorded:
            x: Coordinates = [one.step for one in recorded]
            y: Coordinates = [getattr(one, name) for one in recorded]
            data.append(curve(title, x, y, (colour, mark), shown, size=5))
        if live:
            x = [one.step for one in live]
            y = [getattr(one, name) for one in live]
            trace = curve(f"{title}, live", x, y, (colour, f"{mark}-open"), shown, size=9)
            data.append(trace | {"mode": "markers", "showlegend": not recorded})
    layout = base_layout("Updates", "From blind guessing to perfect")
    layout["yaxis"] |= {"tickformat": ".0%", "range": [-0.03, 1.03]}
    return {"data": data, "layout": layout}


def describe(recorded: Sequence[Point], live: Sequence[Point]) -> str:
    """The lines in words, for screen readers."""
    parts = []
    for which, way in (("recorded", recorded), ("live", live)):
        if way:
            places = sorted({0, len(way) // 3, 2 * len(way) // 3, len(way) - 1})
            said = "; ".join(
                f"after {way[i].step} updates whole answers {way[i].exact:.0%}, "
                f"single tokens {way[i].tokens:.0%}, log-probability {way[i].log:.0%}"
                for i in places
            )
            parts.append(f"{which}: {said}")
    return ". ".join(parts) or "Not measured yet."

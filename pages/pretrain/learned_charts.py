"""Charts of what a run has learned: its probes, and the film of its next token."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.events import NextTokenOdds, Probed
from ui.charts.base import (
    BLUE,
    GREEN,
    OCHRE,
    PURPLE,
    VERMILION,
    Figure,
    Trace,
    base_layout,
    curve,
    line_across,
    short,
    visible,
)

_SYMBOLS = ("circle", "diamond", "square", "x", "triangle-up")


def probe_curves(probes: Sequence[Probed]) -> Figure:
    """For each probe, the share of minimal pairs told apart against the step; chance is 0.5."""
    looks = {"grammar": (BLUE, "circle"), "meaning": (GREEN, "square"), "facts": (PURPLE, "x")}
    data: list[Trace] = []
    for name in dict.fromkeys(probe.name for probe in probes):
        mine = [probe for probe in probes if probe.name == name]
        steps = [probe.step for probe in mine]
        shares = [short(probe.correct / probe.num_items) for probe in mine]
        look = looks.get(name, (OCHRE, "diamond"))
        data.append(curve(name, steps, shares, look, "step %{x}: %{y:.0%}", width=2))
    layout = base_layout("Step", "Pairs told apart")
    layout["yaxis"] |= {"tickformat": ".0%", "range": [0.25, 1.03]}
    line_across(layout, 0.5, "chance", dash="dot", at=1, font={"size": 12})
    return {"data": data, "layout": layout}


def odds_film(film: Sequence[NextTokenOdds], until: int) -> Figure:
    """Probabilities of the last picture's most probable tokens at the steps up to `until`.

    A token that is missing from the list of a picture has no point at its step.
    """
    shown = [picture for picture in film if picture.step <= until]
    last = film[-1] if film else None
    data: list[Trace] = []
    marks = zip((BLUE, VERMILION, GREEN, PURPLE, OCHRE), _SYMBOLS, strict=True)
    odds = [dict(zip(one.tokens, one.probabilities, strict=True)) for one in shown]
    steps, point = [picture.step for picture in shown], "step %{x}: %{y:.1%}"
    for token, look in zip(last.tokens[:5] if last else (), marks, strict=False):
        chances = [short(found.get(token)) for found in odds]
        data.append(curve(visible(token), steps, chances, look, point, width=2, size=7))
    layout = base_layout("Step", "Probability")
    layout["yaxis"] |= {"tickformat": ".0%", "range": [-0.02, 1.02]}
    layout["xaxis"] |= {"range": [0, max(1, last.step if last else 1)]}
    return {"data": data, "layout": layout}

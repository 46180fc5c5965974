"""Charts of what a run has learned: its probes, and how the odds of what comes next moved."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.events import NextTokenOdds, NextWordOdds, Probed
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
from ui.charts.whole import word_label

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


Picture = NextTokenOdds | NextWordOdds


def odds_of(picture: Picture) -> list[tuple[str, float]]:
    """The words or tokens of a picture with their probabilities."""
    texts = picture.words if isinstance(picture, NextWordOdds) else picture.tokens
    return list(zip(texts, picture.probabilities, strict=True))


def odds_film(film: Sequence[Picture]) -> Figure:
    """Probabilities of the last picture's most probable words or tokens at all steps.

    A text that is missing from the list of a picture has no point at its step.
    """
    last = film[-1]
    named = word_label if isinstance(last, NextWordOdds) else visible
    data: list[Trace] = []
    marks = zip((BLUE, VERMILION, GREEN, PURPLE, OCHRE), _SYMBOLS, strict=True)
    odds = [dict(odds_of(one)) for one in film]
    steps, point = [picture.step for picture in film], "step %{x}: %{y:.1%}"
    for (text, _), look in zip(odds_of(last)[:5], marks, strict=False):
        chances = [short(found.get(text)) for found in odds]
        data.append(curve(named(text), steps, chances, look, point, width=2, size=7))
    layout = base_layout("Step", "Probability")
    layout["yaxis"] |= {"tickformat": ".0%", "range": [-0.02, 1.02]}
    layout["xaxis"] |= {"range": [0, max(1, last.step)]}
    return {"data": data, "layout": layout}

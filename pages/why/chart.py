"""Bars of the probability of fitting words, by kind of sentence and by step of the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinylm.questions.words import KindChance, KindChances
from ui.charts.base import Figure, Trace, bar_marker, base_layout, error_bars, ticks
from ui.charts.whole import percent

PALE = 0.55  # opacity of a model that is not at the end of its training
NAMES = {"grammar": "Grammar", "meaning": "Meaning", "facts": "Facts"}


def by_kind(found: KindChances) -> dict[str, KindChance]:
    """The figures of one step by kind."""
    return {one.kind: one for one in found.kinds}


def step_name(step: int, steps: Sequence[int]) -> str:
    """How a step is named: "untrained", "step 90", "step 900, the last"."""
    if not step:
        return "untrained"
    return f"step {step:,}" + (", the last" if step == steps[-1] else "")


def kinds_by_step(found: Mapping[int, KindChances]) -> Figure:
    """A group of bars for each kind, and in it a bar for each step."""
    steps = sorted(found)
    kinds = list(by_kind(found[steps[0]]))
    data: list[Trace] = []
    for step in steps:
        figures = [by_kind(found[step])[kind] for kind in kinds]
        data.append(
            {
                "type": "bar",
                "name": step_name(step, steps),
                "x": list(range(len(kinds))),
                "y": [one.mean for one in figures],
                "error_y": error_bars([(one.mean, one.low, one.high) for one in figures])
                | {"thickness": 1.2, "width": 3},
                "customdata": [f"{percent(one.low)} to {percent(one.high)}" for one in figures],
                "marker": bar_marker(["base" if step else "untrained"] * len(kinds)),
                "opacity": 1.0 if step in (0, steps[-1]) else PALE,
                "hovertemplate": "%{y:.1%} (%{customdata})",
            }
        )
    layout = base_layout("", "Probability of words that fit")
    layout["barmode"] = "group"
    layout["xaxis"] |= ticks([NAMES[kind] for kind in kinds])
    layout["yaxis"] |= {"tickformat": ".0%", "range": [0, 1.02]}
    return {"data": data, "layout": layout}


def clear_first(found: KindChances) -> str:
    """The kind with the highest mean, if its interval lies above all others; else ""."""
    first, *others = sorted(found.kinds, key=lambda one: -one.mean)
    return first.kind if all(first.low > one.high for one in others) else ""

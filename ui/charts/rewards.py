"""The curve of a run that learns from rewards: which share of the answers it tried was right."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.events import Rewarded
from ui.charts.base import Figure, Trace, base_layout, curve, model_look, short

OVER = 10  # updates whose mean the thick line and the sentence give
TITLE = "Tries right"


def reward_curve(runs: Sequence[tuple[str, str, Sequence[Rewarded]]], num_steps: int = 0) -> Figure:
    """Runs as (name, model that gives the colour, rewards): each update thin, means thick."""
    data: list[Trace] = []
    for name, model, rewards in runs:
        look, point = model_look(model)[:2], "update %{x}: %{y:.0%} right"
        steps = [one.step for one in rewards]
        each = curve(name, steps, [short(one.reward) for one in rewards], look, point, width=1)
        data.append(each | {"mode": "lines", "showlegend": False, "opacity": 0.45})
        smooth = [short(value) for value in means(rewards)]
        data.append(curve(name, steps, smooth, look, point, width=3) | {"mode": "lines"})
    layout = base_layout("Update", TITLE)
    layout["yaxis"] |= {"tickformat": ".0%", "range": [0, 1.05]}
    if num_steps:
        layout["xaxis"] |= {"range": [0, num_steps]}
    layout["showlegend"] = len(runs) > 1
    return {"data": data, "layout": layout}


def means(rewards: Sequence[Rewarded]) -> list[float]:
    """Of each update the mean of it and those before it, OVER at most."""
    values = [one.reward for one in rewards]
    windows = (values[max(0, end - OVER) : end] for end in range(1, len(values) + 1))
    return [sum(window) / len(window) for window in windows]


def rewards_in_words(rewards: Sequence[Rewarded]) -> str:
    """Markdown: how often its tries are right now, and how often they were at first."""
    if not rewards:
        return "It has not tried an answer yet."
    smooth = means(rewards)
    now = f"Of the answers that it tries, **{smooth[-1]:.0%}** are right now"
    if len(rewards) < 2 * OVER:
        return f"{now}."
    return f"{now}. In its first {OVER} updates it was {smooth[OVER - 1]:.0%}."

"""Bars of the whole words or answers that a model expects next."""

from __future__ import annotations

from collections.abc import Collection

from tinylm.questions.words import WholeOdds
from ui.charts.base import Figure, Layout, Trace, bar_marker, base_layout, plain, ticks

OTHERS = "anything else"
RIGHT, ALLOWED = " ✓", " •"
PALE = 0.35  # opacity of the bar for all that is not shown


def word_label(text: str) -> str:
    """A whole word or answer as people write it: without the space before it."""
    shown = " ".join(text.replace("\n", " ⏎ ").split())
    signs = (c if c.isprintable() else chr(0x2400 + ord(c)) if ord(c) < 32 else "?" for c in shown)
    return plain("".join(signs)) or "(nothing)"


def whole_bars(
    found: WholeOdds, model: str, *, gold: str = "", allowed: Collection[str] = ()
) -> Figure:
    """The probability of each word or answer, and of all others, as bars with their figures.

    The right one, `gold`, is marked with ✓, and the other answers that a task allows with •.
    """
    names = [one.text.strip() for one in found.likely]
    marks = [
        RIGHT if gold and name == gold else ALLOWED if name in allowed else "" for name in names
    ]
    labels = [word_label(one.text) + mark for one, mark in zip(found.likely, marks, strict=True)]
    labels.append(OTHERS)
    chances = [*(one.probability for one in found.likely), found.rest]
    marker = bar_marker([model] * len(labels))
    marker["opacity"] = [1.0] * len(names) + [PALE]
    bars: Trace = {
        "type": "bar",
        "orientation": "h",
        "name": model,
        "y": list(range(len(labels))),  # numbers, because two words may look the same
        "x": chances,
        "text": [percent(chance) for chance in chances],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": labels,
        "marker": marker,
        "hovertemplate": "%{customdata}: %{x:.2%}<extra></extra>",
    }
    layout: Layout = base_layout("Probability", "")
    # Room for the figure beside the longest bar, also in a narrow column.
    layout["margin"] |= {"r": 40}
    layout["xaxis"] |= {"nticks": 4, "tickformat": ".0%", "range": [0, max(*chances, 0.01) * 1.18]}
    layout["yaxis"] |= {"autorange": "reversed"} | ticks(labels)
    layout["showlegend"] = False
    return {"data": [bars], "layout": layout}


def percent(chance: float) -> str:
    """A model's probability as text, never "nothing" or "certain".

    To a model everything is possible. A probability of 0 or 1 was only rounded to it.
    """
    if chance < 0.001:
        return "< 0.1 %"
    if chance > 0.999:
        return "> 99.9 %"
    digits = 1 if chance < 0.1 or chance > 0.99 else 0
    return f"{chance:.{digits}%}".replace("%", " %")

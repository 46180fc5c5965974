"""Charts of the limits of a model: pure functions from measurements to figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinylm.evaluation.intervals import wilson
from tinylm.questions.limits import Guess
from tinylm.questions.models import Share
from ui.charts.base import (
    BLUE,
    GREY,
    OCHRE,
    Figure,
    Style,
    Trace,
    bars_across,
    base_layout,
    error_bars,
)

BINS = 5  # of equal width, from 0 to 1
MADE_UP, READ = "names that do not exist", "countries it has read about"


def how_sure(made_up: Sequence[Guess], read: Sequence[Guess]) -> Figure:
    """The share of answers in each range of odds, for made-up names and for countries."""
    labels = [f"{100 * i // BINS} to {100 * (i + 1) // BINS} %" for i in range(BINS)]
    bars: dict[str, tuple[list[float], Style]] = {
        READ: (binned(read), {"color": BLUE}),
        MADE_UP: (binned(made_up), {"color": OCHRE, "pattern": {"shape": "/"}}),
    }
    figure = bars_across(bars, labels, shown=".0%", axis=".0%")
    figure["layout"]["xaxis"]["title"] = {"text": "Share of the answers", "standoff": 8}
    figure["layout"]["yaxis"] |= {"autorange": True, "title": {"text": "Odds of its answer"}}
    return figure


def binned(guesses: Sequence[Guess]) -> list[float]:
    """The share of the guesses whose probability lies in each of the BINS ranges."""
    counts = [0] * BINS
    for one in guesses:
        counts[min(BINS - 1, int(one.probability * BINS))] += 1
    return [count / max(1, len(guesses)) for count in counts]


def pooled(shares: Sequence[Share]) -> Share:
    """Several shares of different items as one."""
    correct, n = sum(one.correct for one in shares), sum(one.n for one in shares)
    return Share(n, correct, correct / n if n else 0.0, *wilson(correct, n))


def share_bars(shares: Mapping[str, Share], colours: Sequence[str] = ()) -> Figure:
    """A bar for each share, with its figure and its 95 % interval."""
    found = list(shares.values())
    bars: Trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(found))),
        "x": [one.accuracy for one in found],
        "marker": {"color": list(colours) or [BLUE] * len(found)},
        "error_x": error_bars([(one.accuracy, one.low, one.high) for one in found])
        | {"color": GREY},
        "customdata": [[one.correct, one.n] for one in found],
        "hovertemplate": "%{customdata[0]} of %{customdata[1]}: %{x:.1%}<extra></extra>",
    }
    layout = base_layout("", "")
    layout["xaxis"] |= {"tickformat": ".0%", "range": [0, 1.02]}
    layout["yaxis"] |= {
        "autorange": "reversed",
        "tickvals": list(range(len(found))),
        "ticktext": [f"{name} <b>{one.accuracy:.0%}</b>" for name, one in shares.items()],
    }
    layout["showlegend"] = False
    return {"data": [bars], "layout": layout}


def describe(shares: Mapping[str, Share]) -> str:
    """The shares in a sentence, for people who cannot see the chart."""
    return "; ".join(f"{name}: {one.accuracy:.0%} of {one.n}" for name, one in shares.items())

"""The picture of the experiment: loss against text, with a guess and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinylm.questions.scale import Foretold
from ui.charts.base import (
    BLUE,
    GREEN,
    GREY,
    OCHRE,
    Figure,
    Trace,
    base_layout,
    error_bars,
    gap,
)

BY_SMALL = "foretold from the small runs"
OWN = "your guess"
SMALL, LARGE, NOW = "small runs", "the larger run", "in training now"
FLOOR = "true entropy: no model gets below"


@dataclass(frozen=True)
class Picture:
    """What the picture shows; tokens and nats per token."""

    small: Sequence[tuple[int, float]]  # what each small run read, and its loss
    entropy: float | None  # of the text: no model gets below; None where nothing is measured
    tokens: int  # what the larger run reads
    line: Sequence[tuple[int, float]] = ()  # what the small runs foretell on the way there
    foretold: Foretold | None = None
    own: float | None = None
    measured: float | None = None
    now: tuple[int, float] | None = None  # how far a run in training is, and its last loss


def scaling(shown: Picture) -> Figure:
    """Loss against tokens, both on logarithmic axes."""
    places = [tokens for tokens, _ in shown.small] + [shown.tokens]
    data: list[Trace] = [_marks(SMALL, shown.small, BLUE, "circle", 11)]
    if shown.entropy is not None:
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": FLOOR,
                "x": [0.8 * min(places), 1.3 * max(places)],
                "y": [shown.entropy, shown.entropy],
                "line": {"color": GREY, "width": 2, "dash": "dot"},
                "hovertemplate": f"%{{y:.3f}}<extra>{FLOOR}</extra>",
            }
        )
    if shown.line:
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": BY_SMALL,
                "x": [x for x, _ in shown.line],
                "y": [gap(y) for _, y in shown.line],
                "line": {"color": OCHRE, "width": 2, "dash": "dash"},
                "hoverinfo": "skip",
                "showlegend": False,
            }
        )
    if shown.own is not None:
        data.append(_marks(OWN, [(shown.tokens, shown.own)], GREEN, "x-thin", 11))
    if shown.foretold is not None:
        one = shown.foretold
        guess = _marks(BY_SMALL, [(shown.tokens, one.loss)], OCHRE, "diamond", 9)
        guess["error_y"] = error_bars([(one.loss, one.low, one.high)]) | {
            "width": 12,
            "thickness": 2,
        }
        data.append(guess)
    if shown.measured is not None:
        data.append(_marks(LARGE, [(shown.tokens, shown.measured)], BLUE, "circle-open", 17))
    if shown.now is not None:
        data.append(_marks(NOW, [shown.now], GREY, "circle-open", 11))
    layout = base_layout("tokens read in training", "loss, nats per token", log=True)
    ticks = sorted({places[0], *places[-2:]})
    layout["xaxis"] |= {
        "type": "log",
        "tickvals": ticks,
        "ticktext": [f"{place / 1e6:.2g} M" for place in ticks],
    }
    layout["yaxis"] |= {
        "tickvals": [0.7, 1, 1.5, 2, 3, 5, 8],
        "tickformat": ".1f",
        "range": [-0.2, 0.5 if shown.now is None else 0.95],
    }
    return {"data": data, "layout": layout}


def _marks(
    name: str, points: Sequence[tuple[int, float]], colour: str, mark: str, size: int
) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x for x, _ in points],
        "y": [gap(y) for _, y in points],
        "marker": {
            "color": colour,
            "symbol": mark,
            "size": size,
            "line": {"width": 2, "color": colour},
        },
        "hovertemplate": f"%{{x:,}} tokens: %{{y:.3f}}<extra>{name}</extra>",
    }


def described(shown: Picture) -> str:
    """The picture in words, for screen readers."""
    parts = [f"{tokens:,} tokens: loss {loss:.2f}" for tokens, loss in shown.small]
    end = []
    if shown.own is not None:
        end.append(f"your guess {shown.own:.2f}")
    if shown.foretold is not None:
        one = shown.foretold
        end.append(f"foretold {one.loss:.2f}, from {one.low:.2f} to {one.high:.2f}")
    if shown.measured is not None:
        end.append(f"measured {shown.measured:.2f}")
    if end:
        parts.append(f"{shown.tokens:,} tokens: {', '.join(end)}")
    return "; ".join(parts) + "."

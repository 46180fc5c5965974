"""The picture of the experiment: loss against text, with a guess and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from tinylm.experiments.scale import SMALL as SMALL_ARMS
from tinylm.experiments.scale import tokens_of
from tinylm.questions.scale import Foretold
from ui.charts.base import (
    BLUE,
    GREEN,
    GREY,
    OCHRE,
    Figure,
    Layout,
    Trace,
    base_layout,
    error_bars,
    gap,
    line_across,
)

BY_SMALL = "foretold from the small runs"
OWN = "your guess"
SMALL, LARGE, NOW = "small runs", "the larger run", "in training now"
FLOOR = "no model gets below this line"
LOWEST, HIGHEST, HIGHEST_LIVE = 0.62, 3.2, 9.0  # of the axis of losses
ROOM = 0.06  # marks that lie nearer than this share have no room for two labels


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
    live: bool = False  # whether there is room for a run that has just begun


def scaling(shown: Picture) -> Figure:
    """Loss against tokens, both on logarithmic axes that stay as they are while a run trains."""
    layout = base_layout("Tokens read in training", "Loss: lower is better", log=True)
    layout["margin"]["r"] = 36  # half of the last tick's words
    first, last = tokens_of(SMALL_ARMS[0]), shown.tokens
    data: list[Trace] = [_marks(SMALL, shown.small, BLUE, "circle", 11)]
    if shown.small:
        _say(layout, *shown.small[0], f"{SMALL}, measured", BLUE, to="right")
    if shown.entropy is not None:
        line_across(layout, shown.entropy, dash="dot")
        _say(layout, first, shown.entropy, FLOOR, GREY, to="right", below=True)
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
        above = shown.foretold is None or shown.own > shown.foretold.loss
        if shown.foretold is None or abs(shown.own / shown.foretold.loss - 1) > ROOM:
            _say(layout, last, shown.own, f"{OWN} {shown.own:.2f}", GREEN, below=not above)
    if shown.foretold is not None:
        one = shown.foretold
        guess = _marks(BY_SMALL, [(shown.tokens, one.loss)], OCHRE, "diamond", 9)
        guess["error_y"] = error_bars([(one.loss, one.low, one.high)]) | {
            "width": 12,
            "thickness": 2,
        }
        data.append(guess)
        _say(layout, last, one.high, f"foretold {one.loss:.2f}", OCHRE, apart=22)
    if shown.measured is not None:
        data.append(_marks(LARGE, [(shown.tokens, shown.measured)], BLUE, "circle-open", 17))
        under = min(shown.measured, shown.foretold.low if shown.foretold else shown.measured)
        _say(layout, last, under, f"measured {shown.measured:.2f}", BLUE, below=True)
    if shown.now is not None:
        data.append(_marks(NOW, [shown.now], GREY, "circle-open", 11))
        _say(layout, *shown.now, NOW, GREY, to="right" if shown.now[0] < last / 3 else "left")
    ticks = [first, tokens_of(SMALL_ARMS[-1]), last]
    layout["xaxis"] |= {
        "type": "log",
        "tickvals": ticks,
        "ticktext": [f"{place / 1e6:.2g} million" for place in ticks],
        "range": [log10(first / (20 if shown.live else 1.4)), log10(last * 1.2)],
    }
    layout["yaxis"] |= {
        "tickvals": [0.7, 1, 1.5, 2, 3, 5, 8],
        "tickformat": ".1f",
        "range": [log10(LOWEST), log10(HIGHEST_LIVE if shown.live else HIGHEST)],
    }
    return {"data": data, "layout": layout | {"showlegend": False}}


def _say(
    layout: Layout,
    x: float,
    y: float,
    text: str,
    colour: str,
    *,
    to: str = "left",
    below: bool = False,
    apart: int = 6,
) -> None:
    """Write beside a mark what it is, `apart` pixels away, to its left or its right."""
    layout.setdefault("annotations", []).append(
        {
            "x": log10(x),
            "y": log10(y),
            "text": text,
            "showarrow": False,
            "xanchor": "right" if to == "left" else "left",
            "yanchor": "top" if below else "bottom",
            "yshift": -apart if below else apart,
            "font": {"color": colour},
        }
    )


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

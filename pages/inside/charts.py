"""Charts of the inside of a model: pure functions from measurements to figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from tinylm.questions.inside import ExampleScores, HeadScores, ShiftedOdds
from tinylm.questions.models import Likely
from ui.charts.base import (
    BLUE,
    GREEN,
    GREY,
    OCHRE,
    PURPLE,
    VERMILION,
    Figure,
    Layout,
    Style,
    Trace,
    bars_across,
    base_layout,
    curve,
    short,
    ticks,
    visible,
)

SCALE = [[0.0, "rgba(35,120,196,0.04)"], [1.0, "rgba(35,120,196,1)"]]  # legible on light and dark
KIND_LOOKS = (
    (BLUE, "circle"),
    (VERMILION, "diamond"),
    (GREEN, "square"),
    (PURPLE, "x"),
    (OCHRE, "triangle-up"),
)
PANEL = 150  # height of one head in the overview, in pixels
MOST_HEADS = 12  # heads in one picture; more of them could not be told apart
COLUMNS = 4  # the most heads side by side
LENS_ROW = 28  # height of one position in the logit lens, in pixels
LONGEST = 12  # characters of a token that fit into a cell


def labels(tokens: Sequence[str]) -> list[str]:
    """Names of tokens for an axis; the first token is the separator before the text."""
    return ["‹start›", *(visible(token) for token in tokens[1:])]


def attention_map(tokens: Sequence[str], weights: Sequence[Sequence[float]]) -> Figure:
    """The attention of one head: a row is a position that reads, a column one that is read."""
    names = labels(tokens)
    places = list(range(len(names)))
    data: list[Trace] = [
        {
            "type": "heatmap",
            "x": places,
            "y": places,
            "z": _can_be_read(weights),
            "zmin": 0,
            "zmax": 1,
            "colorscale": SCALE,
            "colorbar": {"thickness": 10, "tickformat": ".0%"},
            "customdata": [[f"{b} reads {a}" for a in names] for b in names],
            "hovertemplate": "%{customdata}: %{z:.0%}<extra></extra>",
        }
    ]
    layout = base_layout("is read", "reads")
    layout["xaxis"] |= ticks(names) | {"tickangle": -60}
    layout["yaxis"] |= ticks(names) | {"autorange": "reversed"}
    return {"data": data, "layout": layout}


def _can_be_read(weights: Sequence[Sequence[float]]) -> list[list[float | None]]:
    """The weights with a gap right of the diagonal, where a position cannot read the future."""
    return [[v if j <= i else None for j, v in enumerate(row)] for i, row in enumerate(weights)]


def heads_at_once(layers: int, heads: int) -> list[list[tuple[int, int]]]:
    """All heads as (layer, head) in order, split into pictures of at most MOST_HEADS heads.

    If the heads of one layer fit into a picture, each picture holds whole layers only.
    """
    all_of_them = [(layer, head) for layer in range(layers) for head in range(heads)]
    size = MOST_HEADS // heads * heads or MOST_HEADS
    return [all_of_them[i : i + size] for i in range(0, len(all_of_them), size)]


def columns_of(heads: int) -> int:
    """How many panels stand side by side if a layer has `heads` heads: at most COLUMNS."""
    return next(n for n in range(COLUMNS, 0, -1) if n <= heads and (heads % n == 0 or n == 3))


def all_heads(
    attention: Sequence[Sequence[Sequence[Sequence[float]]]],
    shown: Sequence[tuple[int, int]],
) -> Figure:
    """A small picture of each head in `shown`, given as (layer, head), in that order.

    `attention[layer][head]` holds the weights, a row for each position that reads.
    """
    columns = columns_of(len(attention[0])) if attention else 1
    rows = -(-len(shown) // columns)
    data: list[Trace] = []
    layout: Style = dict(base_layout("", ""))
    layout["grid"] = {"rows": rows, "columns": columns, "pattern": "independent", "xgap": 0.1}
    names: list[Style] = []
    for number, (layer, head) in enumerate(shown, 1):
        suffix = "" if number == 1 else str(number)
        data.append(
            {
                "type": "heatmap",
                "name": f"layer {layer + 1}, head {head + 1}",
                "z": _can_be_read(attention[layer][head]),
                "zmin": 0,
                "zmax": 1,
                "colorscale": SCALE,
                "showscale": False,
                "xaxis": f"x{suffix}",
                "yaxis": f"y{suffix}",
                "hovertemplate": "%{z:.0%}<extra>%{fullData.name}</extra>",
            }
        )
        hidden = {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": ""}
        layout[f"xaxis{suffix}"] = dict(hidden)
        layout[f"yaxis{suffix}"] = hidden | {"autorange": "reversed"}
        names.append(
            {
                "text": f"layer {layer + 1},<br>head {head + 1}",
                "xref": f"x{suffix} domain",
                "yref": f"y{suffix} domain",
                "x": 1,
                "y": 1,
                "xanchor": "right",
                "yanchor": "top",
                "align": "right",
                "showarrow": False,
                "font": {"size": 12},
            }
        )
    layout["annotations"] = names
    return {"data": data, "layout": cast(Layout, layout)}  # Layout does not list the numbered axes


def logit_lens(tokens: Sequence[str], lens: Sequence[Sequence[Likely]]) -> Figure:
    """The most probable next token if the model ended after each layer, a row for each position.

    There are few and wide columns, so that words fit on a telephone. The words are a trace of
    their own, because it takes the colour of the page's text; a heatmap would choose a colour as
    if the page were white.
    """
    names = labels(tokens)
    depths = ["embedding", *(f"layer {i}" for i in range(1, len(lens)))]
    cells = [[row[place] for row in lens] for place in range(len(names))]
    spots = [(x, y, visible(one.text)) for y, row in enumerate(cells) for x, one in enumerate(row)]
    data: list[Trace] = [
        {
            "type": "heatmap",
            "x": list(range(len(depths))),
            "y": list(range(len(names))),
            "z": [[one.probability for one in row] for row in cells],
            "text": [[visible(one.text) for one in row] for row in cells],
            "zmin": 0,
            "zmax": 1,
            "colorscale": [[0.0, "rgba(35,120,196,0.04)"], [1.0, "rgba(35,120,196,0.6)"]],
            "showscale": False,
            "hovertemplate": "%{text}: %{z:.1%}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": [x for x, _, _ in spots],
            "y": [y for _, y, _ in spots],
            "text": [text[:LONGEST] for _, _, text in spots],
            "textfont": {"size": 12},
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    layout = base_layout("", "")
    layout["xaxis"] |= ticks([depth.removeprefix("layer ") for depth in depths]) | {
        "side": "top",
        "title": {"text": "layer", "standoff": 4},
        "showgrid": False,
    }
    layout["yaxis"] |= ticks(names) | {"autorange": "reversed", "showgrid": False}
    layout["margin"] |= {"t": 48, "b": 8}
    return {"data": data, "layout": layout}


def copying_curves(
    points: Sequence[HeadScores],
    accuracies: Mapping[int, float],
    reading: Sequence[ExampleScores] = (),
) -> Figure:
    """The highest induction score of each layer against the step, and the few-shot accuracy.

    `accuracies` holds the accuracy at each step. Of `reading`, the best head of all is drawn.
    """
    data: list[Trace] = []
    layers = len(points[0].scores) if points else 0
    steps, said = [point.step for point in points], "step %{x}: %{y:.0%}"
    for layer, look in zip(range(layers), KIND_LOOKS * 3, strict=False):
        best, name = [max(point.scores[layer]) for point in points], f"layer {layer + 1}"
        data.append(
            curve(f"{name}, best head", steps, best, look, said, width=2, size=7, extra=name)
        )
    if reading:
        steps = [point.step for point in reading]
        best = [max(map(max, point.answers)) for point in reading]
        name, extra = "reads the examples' answers, best head", "reads the answers"
        look = (OCHRE, "cross")
        data.append(curve(name, steps, best, look, said, width=3, dash="dot", extra=extra))
    if accuracies:
        steps = sorted(accuracies)
        found = [short(accuracies[step]) for step in steps]
        name, extra = "few-shot accuracy, facts, k = 4", "few-shot"
        look = (GREY, "star")
        data.append(curve(name, steps, found, look, said, width=3, dash="dash", extra=extra))
    layout = base_layout("Step", "Scores, accuracy")
    layout["yaxis"] |= {"tickformat": ".0%", "range": [-0.02, 1.02]}
    return {"data": data, "layout": layout}


def drawn_odds(odds: Sequence[ShiftedOdds]) -> Figure:
    """Probabilities of the likeliest tokens, before and after temperature, top-k and top-p."""
    names = [visible(one.text) for one in odds]
    hatching = {"fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.6)"}
    bars: dict[str, tuple[list[float], Style]] = {
        name: (shares, {"color": colour, "pattern": {"shape": shape} | hatching})
        for name, shares, colour, shape in (
            ("the model's odds", [one.before for one in odds], BLUE, ""),
            ("drawn from", [one.after for one in odds], VERMILION, "/"),
        )
    }
    return bars_across(bars, names, shown=".1%", axis=".0%")

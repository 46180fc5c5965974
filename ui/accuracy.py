"""Charts of accuracies with their 95 % intervals; pure functions, as in ui/charts.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui.charts import (
    GREEN,
    GREY,
    MODEL_COLOURS,
    MODEL_SYMBOLS,
    Figure,
    Row,
    Trace,
    bar_marker,
    base_layout,
)


def accuracy_bars(scores: Mapping[str, Row], chance: float | None = None) -> Figure:
    """Accuracy of each model with its 95 % interval; rows have `accuracy, low, high, n`."""
    models = list(scores)
    rows = [scores[model] for model in models]
    labels = [f"{name}<br><b>{row['accuracy']:.0%}</b>" for name, row in scores.items()]
    trace: Trace = {
        "type": "bar",
        "name": "accuracy",
        "x": labels,
        "y": [row["accuracy"] for row in rows],
        "error_y": _error_bars(rows),
        "marker": bar_marker(models),
        "customdata": [[row["low"], row["high"], row["n"]] for row in rows],
        "hovertemplate": "%{y:.1%}, 95 % interval %{customdata[0]:.1%} to "
        "%{customdata[1]:.1%}, n = %{customdata[2]}<extra></extra>",
    }
    numbers = sorted({row["n"] for row in rows})
    counted = " or ".join(f"{n:,}" for n in numbers)
    layout = base_layout(f"{counted} held-out items, 95 % intervals", "Accuracy")
    layout["showlegend"] = False
    _proportion_axis(layout)
    _chance_line(layout, chance)
    return {"data": [trace], "layout": layout}


def accuracy_by_shots(
    scores: Mapping[str, Mapping[int, Row]], chance: float | None = None
) -> Figure:
    """Accuracy against the number of examples, a line a model: `scores[model][k]` is a score."""
    data: list[Trace] = []
    for model, by_k in scores.items():
        shots = sorted(by_k)
        rows = [by_k[k] for k in shots]
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": model,
                "x": shots,
                "y": [row["accuracy"] for row in rows],
                "error_y": _error_bars(rows),
                "line": {"color": MODEL_COLOURS.get(model, GREEN), "width": 2},
                "marker": {"size": 9, "symbol": MODEL_SYMBOLS.get(model, "circle")},
                "hovertemplate": "k = %{x}: %{y:.1%}<extra>" + model + "</extra>",
            }
        )
    layout = base_layout("Examples in the prompt (k)", "Accuracy")
    layout["xaxis"] |= {"tickmode": "linear", "dtick": 1, "range": [-0.3, 8.3]}
    _proportion_axis(layout)
    _chance_line(layout, chance)
    return {"data": data, "layout": layout}


def accuracy_by_labels(
    scores: Mapping[str, Mapping[int, Row]], chance: float | None = None
) -> Figure:
    """Accuracy against the number of labelled examples: `scores[model][labels]` is a score."""
    figure = accuracy_by_shots(scores, chance)
    labels = sorted({number for rows in scores.values() for number in rows})
    for trace in figure["data"]:
        trace["hovertemplate"] = "%{x} labels: %{y:.1%}<extra>" + trace["name"] + "</extra>"
    figure["layout"]["xaxis"] = {
        "title": {"text": "Labelled examples", "standoff": 8},
        "zeroline": False,
        "type": "log",
        "tickvals": labels,
        "ticktext": [f"{number:,}" for number in labels],
    }
    return figure


def describe_scores(scores: Mapping[str, Row], chance: float | None = None) -> str:
    """Accuracies and intervals in a sentence."""
    parts = [
        f"{model}: {row['accuracy']:.0%}, 95 % interval {row['low']:.0%} to {row['high']:.0%}, "
        f"{row['n']} items"
        for model, row in scores.items()
    ]
    if chance is not None:
        parts.append(f"chance: {chance:.0%}")
    return "Accuracy. " + "; ".join(parts) + "."


def _error_bars(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [row["high"] - row["accuracy"] for row in rows],
        "arrayminus": [row["accuracy"] - row["low"] for row in rows],
        "thickness": 1.5,
        "width": 5,
    }


def _proportion_axis(layout: dict[str, Any]) -> None:
    layout["yaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}


def _chance_line(layout: dict[str, Any], chance: float | None) -> None:
    if chance is None:
        return
    layout["shapes"] = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": chance,
            "y1": chance,
            "line": {"color": GREY, "width": 1.5, "dash": "dash"},
        }
    ]
    layout["annotations"] = [
        {
            "xref": "paper",
            "x": 0,
            "y": chance,
            "text": f"chance {chance:.0%}",
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "bottom",
        }
    ]

"""The transfer experiment on a page: its chart, its progress, and the labels saved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tinylm.experiments.transfer import INITS, Mean, Point, Saved, in_words, labels_saved, summary
from tinylm.finetuning import finetune_config
from tinylm.questions.models import Tuned
from tinylm.runs.store.rows import RunRow
from ui.asking import service
from ui.charts.base import BLUE, GREEN, PURPLE, Figure, Trace, base_layout, curve
from ui.plot import live_plot

Results = Mapping[Point, Tuned]

NAMES = {"base": "base", "tenth": "a tenth of the training", "scratch": "scratch"}
COLOURS = {"base": BLUE, "tenth": GREEN, "scratch": PURPLE}
SYMBOLS = {"base": "circle", "tenth": "diamond", "scratch": "square"}
ASIDE = {"base": -0.07, "tenth": 0.0, "scratch": 0.07}  # so that dots do not hide each other
TOPS = (0.25, 0.5, 1.02)  # possible ends of the y axis, so that it grows only rarely

CHANCE = "With as many labels, the bands of the two meet: the difference may be chance."
SCORING = 25  # measuring one point takes about as long as this many updates of fine-tuning


# The chart -----------------------------------------------------------------------------------


def place(labels: int) -> float:
    """The x position of a number of labels: log2(1 + labels), so that 0 has a place too."""
    return math.log2(1 + labels)


def transfer_figure(results: Results, sizes: Sequence[int]) -> Figure:
    """A dot for each seed, a line through the means, and a band from lowest to highest seed."""
    rows = summary(results)
    data: list[Trace] = []
    for init in INITS:
        mine = [row for row in rows if row.init == init]
        if mine:
            dots = sorted((p.labels, one.accuracy) for p, one in results.items() if p.init == init)
            data += [_band(init, mine), _dots(init, dots), _means(init, mine)]
    layout = base_layout("Labelled examples", "Held-out items right")
    layout["xaxis"] |= {
        "tickvals": [place(number) for number in sizes],
        "ticktext": [f"{number:,}" for number in sizes],
        "range": [place(min(sizes)) - 0.4, place(max(sizes)) + 0.4],
    }
    highest = max((row.highest for row in rows), default=0.0)
    top = next(end for end in TOPS if end >= min(1.0, highest * 1.05))
    layout["yaxis"] |= {"range": [0, top], "tickformat": ".0%"}
    return {"data": data, "layout": layout}


def _band(init: str, rows: Sequence[Mean]) -> Trace:
    there = [place(row.labels) for row in rows]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*there, *reversed(there)],
        "y": [*(row.highest for row in rows), *(row.lowest for row in reversed(rows))],
        "fill": "toself",
        "fillcolor": COLOURS[init] + "2e",
        "line": {"width": 0},
        "legendgroup": init,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _dots(init: str, dots: Sequence[tuple[int, float]]) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [place(labels) + ASIDE[init] for labels, _ in dots],
        "y": [accuracy for _, accuracy in dots],
        "customdata": [labels for labels, _ in dots],
        "marker": {"size": 5, "color": COLOURS[init], "opacity": 0.7, "symbol": SYMBOLS[init]},
        "legendgroup": init,
        "showlegend": False,
        "cliponaxis": False,  # so that a dot at 0 is drawn whole
        "hovertemplate": "%{customdata} labels, one seed: %{y:.1%}<extra>"
        + f"{NAMES[init]}</extra>",
    }


def _means(init: str, rows: Sequence[Mean]) -> Trace:
    places, means = [place(row.labels) for row in rows], [row.accuracy for row in rows]
    point = "%{customdata[0]} labels, mean of %{customdata[1]}: %{y:.1%}"
    line = curve(NAMES[init], places, means, (COLOURS[init], SYMBOLS[init]), point, size=9)
    behind = [[row.labels, row.seeds] for row in rows]
    return line | {"legendgroup": init, "cliponaxis": False, "customdata": behind}


def describe(results: Results) -> str:
    """The chart in words, for people who cannot see it."""
    parts = [
        f"{NAMES[row.init]}, {row.labels} labels: {row.accuracy:.0%}, seeds "
        f"{row.lowest:.0%} to {row.highest:.0%}"
        for row in summary(results)
    ]
    return "Accuracy against labelled examples. " + ("; ".join(parts) or "No point yet") + "."


# Progress ------------------------------------------------------------------------------------


def costs(base: RunRow, task: str, sizes: Sequence[int]) -> dict[int, int]:
    """The cost of a point by its number of labels, measured in updates of fine-tuning."""
    return {
        n: SCORING + (finetune_config(base.config, base.id, task, n).train.steps if n else 0)
        for n in sizes
    }


def seconds_left(
    points: Sequence[Point], results: Results, costs: Mapping[int, int], at_once: int
) -> float | None:
    """Seconds left at the speed so far, if `at_once` points are measured at the same time.

    None while unknown. The first point says nothing about the speed, because the shorter base is
    trained in its time.
    """
    timed = [point for point in results if point != points[0]]
    if not timed:
        return None
    pace = math.fsum(results[p].seconds for p in timed) / sum(costs[p.labels] for p in timed)
    return pace * sum(costs[p.labels] for p in points if p not in results) / at_once


def workers() -> int:
    """How many points can be measured at the same time; at least 1."""
    return max(1, sum(worker.queue in ("long", "both") for worker in service().workers()))


def draw(results: Results, sizes: Sequence[int], key: str) -> None:
    """Draw the chart of the points measured so far; it is updated in place."""
    live_plot(transfer_figure(results, sizes), key=key, label=describe(results), height=380)


# Labels saved --------------------------------------------------------------------------------


def saved_rows(results: Results) -> list[dict[str, str]]:
    """A row for each number of labels of the base: how many the others need to be as good."""
    rows = summary(results)
    table: dict[int, dict[str, str]] = {}
    for other in INITS[1:]:
        for saved in labels_saved(rows, other):
            mine = table.setdefault(
                saved.labels,
                {"labels of the base": f"{saved.labels:,}", "right": f"{saved.accuracy:.0%}"},
            )
            mine[f"{NAMES[other]} needs"] = (
                f"more than {saved.tried:,}" if saved.needed is None else f"{saved.needed:,}"
            )
    return [table[labels] for labels in sorted(table)]


def sentence(results: Results, labels: int, other: str = "scratch") -> str:
    """How many labels `other` needs to equal the base with `labels`; "" while unknown."""
    saved = saved_by(results, labels, other)
    named = {"tenth": "a base with a tenth of the training"}.get(other, other)
    return in_words(saved._replace(other=named)) if saved else ""


def shorter_base(results: Results, labels: int) -> str:
    """How many labels the base with a tenth of the training needs, in words; "" while unknown."""
    saved = saved_by(results, labels, "tenth")
    if saved is None:
        return ""
    if bands_meet(results, labels, "tenth"):
        follows = CHANCE
    elif saved.needed is None or saved.needed > labels:
        follows = "It has read the same kind of text, but less: the *amount* counts."
    else:
        follows = "So here the last nine tenths of the pre-training saved no labels."
    return f"{sentence(results, labels, 'tenth')} {follows}"


def explanation(results: Results, labels: int) -> str:
    """An explanation that fits the result at this number of labels; "" while unknown."""
    saved = saved_by(results, labels, "scratch")
    if saved is None:
        return ""
    if bands_meet(results, labels, "scratch"):
        return f"{CHANCE} More seeds, or a base that was trained for longer, would tell."
    if saved.needed is None:
        return (
            "Labels teach how a question is asked and answered. What the answer is, for things "
            "that no label mentions, stood in the pre-training text, which scratch never read."
        )
    if saved.needed > labels:
        return (
            f"Pre-training saved about {saved.needed - labels:,} labels here: what the base had "
            "read, scratch has to be told, question by question."
        )
    return "Here pre-training saved no labels: scratch is as good with as many."


def bands_meet(results: Results, labels: int, other: str) -> bool:
    """Whether the ranges of the seeds of the base and of `other` overlap at this many labels."""
    at = {row.init: row for row in summary(results) if row.labels == labels}
    if "base" not in at or other not in at:
        return False
    base, rest = at["base"], at[other]
    return base.lowest <= rest.highest and rest.lowest <= base.highest


def saved_by(results: Results, labels: int, other: str) -> Saved | None:
    """How many labels `other` needs to equal the base with `labels`; None while unknown."""
    found = labels_saved(summary(results), other)
    return next((saved for saved in found if saved.labels == labels), None)

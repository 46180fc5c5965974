"""Charts of measurements with their 95 % intervals; pure functions, as in ui/charts/base.py.

They show the leading metric of the task as a share of its scale, e.g. BLEU / 100. Where a prompt
could not hold all the examples that were asked for, they say how many were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tinylm.evaluation.metrics import METRICS
from tinylm.events import EvalDone
from tinylm.questions.models import ExamplesRead, Measurement
from ui.charts.base import (
    BLUE,
    GREEN,
    GREY,
    OCHRE,
    PURPLE,
    VERMILION,
    Figure,
    Style,
    Trace,
    bar_marker,
    base_layout,
    curve,
    error_bars,
    gap,
    line_across,
    model_look,
)

MOST_SHOTS = 8  # the largest k of an axis
SHOTS_RANGE = [-0.3, MOST_SHOTS + 0.3]
SHUFFLED, OTHER = "base, shuffled answers", "base, another task's examples"

# Colour, mark and line style of the series that are not models; controls have broken lines.
LOOKS = {
    SHUFFLED: (OCHRE, "triangle-up", "dash"),
    OTHER: (GREEN, "x", "dot"),
    "k = 0": (VERMILION, "diamond", "dash"),
    "k = 4": (BLUE, "circle", "solid"),
}


def accuracy_bars(scores: Mapping[str, Measurement], chance: float | None = None) -> Figure:
    """A bar for the accuracy of each model, with its 95 % interval."""
    rows = list(scores.values())
    found = [row.leading for row in rows]
    labels = [f"{name}<br><b>{in_words(row)}</b>" for name, row in scores.items()]
    trace: Trace = {
        "type": "bar",
        "name": "accuracy",
        "x": labels,
        "y": [one.value for one in found],
        "error_y": _error_bars(rows),
        "marker": bar_marker(list(scores)),
        "customdata": [[one.low, one.high, row.n] for one, row in zip(found, rows, strict=True)],
        "hovertemplate": "%{y:.1%}, 95 % interval %{customdata[0]:.1%} to "
        "%{customdata[1]:.1%}, n = %{customdata[2]}<extra></extra>",
    }
    numbers = sorted({row.n for row in rows})
    counted = " or ".join(f"{n:,}" for n in numbers)
    title = f"{counted} held-out items, 95 % intervals"
    if chance is not None:
        title += f"<br>broken line: {_chance(chance)}"
    layout = base_layout(title, "")
    layout["showlegend"] = False
    figure: Figure = {"data": [trace], "layout": layout}
    _share_axis(figure, rows)
    if chance is not None:
        layout["margin"]["b"] = 64  # room for the second line of the title
        line_across(layout, chance, dash="dash")
    return figure


def accuracy_by_shots(
    scores: Mapping[str, Mapping[int, Measurement]],
    chance: float | None = None,
    majority: float | None = None,
) -> Figure:
    """Accuracy against the number of examples, a line for each model: `scores[model][k]`."""
    figure = _lines(scores, lambda row: row.leading.value, intervals=True)
    _shots_axis(figure, scores)
    _share_axis(figure, [row for by_k in scores.values() for row in by_k.values()])
    if chance is not None:
        figure["data"].append(_level(SHOTS_RANGE, _chance(chance), chance, "dash"))
    if majority is not None:
        name = f"commonest answer {majority:.0%}"
        figure["data"].append(_level(SHOTS_RANGE, name, majority, "longdashdot"))
    return figure


def macro_f1_by_shots(scores: Mapping[str, Mapping[int, Measurement]]) -> Figure:
    """Macro-F1 against the number of examples, without intervals."""
    figure = _lines(scores, macro_f1, intervals=False)
    _shots_axis(figure, scores)
    figure["layout"]["yaxis"] |= {
        "title": {"text": "Macro-F1", "standoff": 12},
        "range": [0, 1.02],
    }
    return figure


def macro_f1(row: Measurement) -> float:
    """The macro-F1 of a measurement; the task must be measured by macro-F1."""
    return row.metrics["macro_f1"].value


def accuracy_by_labels(
    scores: Mapping[str, Mapping[int, Measurement]],
) -> Figure:
    """Accuracy against the number of labelled examples: `scores[model][labels]`."""
    figure = accuracy_by_shots(scores)
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


def accuracy_by_step(
    scores: Mapping[str, Mapping[int, Measurement]], chance: float | None = None
) -> Figure:
    """Accuracy against the training step, a line for each k: `scores["k = 4"][step]`."""
    figure = _lines(scores, lambda row: row.leading.value, intervals=True)
    for trace in figure["data"]:
        point = "step %{x}, k = %{customdata}: %{y:.1%}"
        trace["hovertemplate"] = f"{point}<extra>{trace['name']}</extra>"
    places = _step_range([step for rows in scores.values() for step in rows])
    figure["layout"]["xaxis"] |= {
        "title": {"text": "Training step", "standoff": 8},
        "range": places,
    }
    _share_axis(figure, [row for by_step in scores.values() for row in by_step.values()])
    if chance is not None:
        figure["data"].append(_level(places, _chance(chance), chance, "dash"))
    return figure


def loss_by_step(evals: Sequence[EvalDone]) -> Figure:
    """The validation loss, with a step axis that fits under that of `accuracy_by_step`."""
    steps = [found.step for found in evals]
    losses = [gap(found.loss) for found in evals]
    look, point = (PURPLE, "square"), "step %{x}: %{y:.3f} nats"
    layout = base_layout("Training step", "Loss (nats)")
    layout["showlegend"] = False
    layout["xaxis"]["range"] = _step_range(steps)
    data = [curve("validation loss", steps, losses, look, point, size=6)]
    return {"data": data, "layout": layout}


def in_words(row: Measurement) -> str:
    """The leading metric as text: `73%`, or `BLEU 41.2`."""
    return METRICS[row.metric].in_words(row.leading.value)


def describe_scores(scores: Mapping[str, Measurement], chance: float | None = None) -> str:
    """The accuracies and their intervals in a sentence."""
    parts = []
    for model, row in scores.items():
        found, metric = row.leading, METRICS[row.metric]
        digits = 0 if metric.scale == 1 else 1
        low, high = (metric.number(share, digits) for share in (found.low, found.high))
        parts.append(
            f"{model}: {in_words(row)}, 95 % interval {low} to {high}, {row.n} items{_read(row)}"
        )
    titles = {METRICS[row.metric].title: None for row in scores.values()}
    if chance is not None:
        parts.append(f"chance: {chance:.0%}")
    return f"{' and '.join(titles)}. {'; '.join(parts)}."


def describe_lines(
    scores: Mapping[str, Mapping[int, Measurement]],
    place: str,
    say: Callable[[Measurement], str] = in_words,
) -> str:
    """All lines of a chart as text.

    `say` writes the value of a point, and `place` its position, e.g. `k = {}`.
    """
    return "; ".join(
        f"{name}: "
        + ", ".join(f"{say(row)} at {place.format(x)}{_read(row)}" for x, row in sorted(by_x))
        for name, by_x in ((name, rows.items()) for name, rows in scores.items())
    )


def _read(row: Measurement) -> str:
    """Says how many examples were read, if they are fewer than were asked for."""
    return f" ({row.examples.mean:.1f} examples read)" if row.examples.short else ""


def left_out(rows: Iterable[Measurement]) -> str:
    """A sentence on examples that did not fit into the model's context; "" if all did."""
    found: dict[int, list[ExamplesRead]] = {}
    for row in rows:
        if row.examples.short:
            found.setdefault(row.examples.asked, []).append(row.examples)
    if not found:
        return ""
    parts = (
        f"of {asked}, {min(one.least for one in some)} to {max(one.most for one in some)} were read"
        for asked, some in sorted(found.items())
    )
    return (
        "Not all examples fit into what this model reads at once, its context. Those that would "
        f"not fit whole are left out, the last ones first: {'; '.join(parts)}."
    )


def _lines(
    scores: Mapping[str, Mapping[int, Measurement]],
    pick: Callable[[Measurement], float],
    *,
    intervals: bool,
) -> Figure:
    data: list[Trace] = []
    for name, by_x in scores.items():
        places = sorted(by_x)
        rows = [by_x[x] for x in places]
        colour, symbol, dash = LOOKS.get(name, (*model_look(name)[:2], "solid"))
        look, point = (colour, symbol), "k = %{customdata}: %{y:.1%}"
        trace = curve(name, places, list(map(pick, rows)), look, point, width=2, size=9, dash=dash)
        trace["customdata"] = [row.examples.in_words() for row in rows]
        if intervals:
            trace["error_y"] = _error_bars(rows)
        data.append(trace)
    return {"data": data, "layout": base_layout("", "")}


def _shots_axis(figure: Figure, scores: Mapping[str, Mapping[int, Measurement]]) -> None:
    """Name each k, and below it how many examples were read where they are fewer."""
    names = {k: f"{k}" for k in range(MOST_SHOTS + 1)}
    for k in names:
        rows = [by_k[k] for by_k in scores.values() if k in by_k]
        if any(row.examples.short for row in rows):
            read = sorted({f"{row.examples.mean:.1f}" for row in rows}, key=float)
            names[k] += f"<br>{'–'.join(dict.fromkeys((read[0], read[-1])))} read"
            figure["layout"]["margin"]["b"] = 60  # room for the second line
    figure["layout"]["xaxis"] |= {
        "title": {"text": "Examples in the prompt (k)", "standoff": 8},
        "tickvals": list(names),
        "ticktext": list(names.values()),
        "range": SHOTS_RANGE,
    }


def _step_range(steps: Sequence[int]) -> list[float]:
    """The range of a step axis from 0, with room on the right for the name of a line.

    Two charts with the same last step get the same range, so that they can stand in a column.
    """
    last = max(steps, default=1)
    return [-0.03 * last, 1.14 * last]


def _error_bars(rows: Sequence[Measurement]) -> Style:
    found = [(one.value, one.low, one.high) for one in (row.leading for row in rows)]
    return error_bars(found) | {"thickness": 1.5, "width": 5}


def _share_axis(figure: Figure, rows: Iterable[Measurement]) -> None:
    metric = METRICS[next((row.metric for row in rows), "accuracy")]
    share = metric.scale == 1
    figure["layout"]["yaxis"] |= {
        "title": {
            "text": metric.title if share else f"{metric.title} / {metric.scale:g}",
            "standoff": 12,
        },
        "range": [0, 1.02],
        "tickformat": ".0%" if share else ".1f",
    }


def _chance(share: float) -> str:
    return f"chance {share:.0%}"


def _level(places: Sequence[float], name: str, share: float, dash: str) -> Trace:
    """A line at a score that needs no model; its name stands in the legend, never over a point."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": places,
        "y": [share, share],
        "line": {"color": GREY, "width": 1.5, "dash": dash},
        "hoverinfo": "skip",
    }

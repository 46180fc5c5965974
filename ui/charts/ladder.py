"""The ladder that a model's curve is compared with, as lines, in words and as a table.

Its rungs are n-gram models, and its floor is the true entropy of the text. These are pure
functions of the answer to `LadderOf`.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from tinylm.events import EvalDone
from tinylm.questions.models import Ladder
from ui.charts.base import GREEN, GREY, Figure, Style, Trace, numbers
from ui.charts.training import MEASURES, measured

FLOOR = "true entropy"
SEES = {
    "uniform": "nothing: every token is as likely as every other",
    "unigram": "no token before; how often each one stands in the text",
    "bigram": "one token before",
    "trigram": "two tokens before",
    FLOOR: "all: the probabilities that the text was made with",
}
PLOT_HEIGHT = 250.0  # height of the plot in pixels, approximately
LABEL_HEIGHT = 16.0  # height in pixels that one label needs


def rungs(ladder: Ladder, measure: str) -> dict[str, float]:
    """The value of each rung by its name, in `measure`, from the highest to the lowest."""
    found = {name: measured(rung, measure) for name, rung in ladder.models.items()}
    if ladder.entropy:
        found[FLOOR] = measured(ladder.entropy, measure)
    return dict(sorted(found.items(), key=lambda rung: -rung[1]))


def with_ladder(
    figure: Figure, ladder: Ladder | None, measure: str, *, log: bool = False
) -> Figure:
    """The chart with a thin line added for each rung, with its name at the right end."""
    steps = [step for trace in figure["data"] for step in numbers(trace["x"])]
    if ladder is None or not steps:
        return figure
    values = rungs(ladder, measure)
    lines: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": [min(steps), max(steps)],
            "y": [value, value],
            "line": {
                "color": GREEN if name == FLOOR else GREY,
                "width": 1.5,
                "dash": "solid" if name == FLOOR else "dot",
            },
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for name, value in values.items()
    ]
    layout = figure["layout"] | {"annotations": _labels(values, figure["data"], log)}
    return {"data": [*figure["data"], *lines], "layout": layout}


def _labels(values: dict[str, float], curves: Sequence[Trace], log: bool) -> list[Style]:
    """A name at the right end of each line.

    A name stands on the side of its line away from the end of the curve, and covers no other name.
    """
    place = {name: math.log10(value) if log else value for name, value in values.items()}
    drawn = [[y for y in numbers(trace["y"]) if y > 0] for trace in curves]
    ends = [math.log10(y) if log else y for ys in drawn for y in ys] + [*place.values()]
    scale = PLOT_HEIGHT / ((max(ends) - min(ends)) or 1.0)
    last = next((statistics.median(ys[-5:]) for ys in drawn if ys), math.inf)
    below = [name for name in values if name == FLOOR or values[name] < last]
    above = [name for name in reversed(values) if name not in below]
    labels: list[Style] = []
    for names, direction in ((above, 1), (below, -1)):
        free = -math.inf  # the nearest place, in pixels, where the next label may begin
        for name in names:
            line = direction * place[name] * scale
            start = max(line, free)
            free = start + LABEL_HEIGHT
            labels.append(
                {
                    "text": f"{name} {_short(values[name])}",
                    "xref": "paper",
                    "x": 1,
                    "xanchor": "right",
                    "y": place[name],
                    "yanchor": "bottom" if direction > 0 else "top",
                    "yshift": direction * (start - line),
                    "showarrow": False,
                    "borderpad": 1,
                    "font": {"size": 12},
                }
            )
    return labels


def describe_ladder(ladder: Ladder | None, measure: str) -> str:
    """The lines in a sentence, for people who cannot see them; "" if there are none."""
    if ladder is None:
        return ""
    named = ", ".join(f"{name} {_short(v)}" for name, v in rungs(ladder, measure).items())
    return f" Lines for comparison: {named}."


def standing(ladder: Ladder | None, evals: Sequence[EvalDone]) -> str:
    """Markdown: which rungs the model has passed, and how far it is above the floor.

    "" without a ladder or a validation.
    """
    if ladder is None or not evals:
        return ""
    loss = evals[-1].loss
    values, best = rungs(ladder, "loss"), min(found.loss for found in evals)
    parts = [_passed(values, loss), _lost(values, loss, best)]
    if ladder.entropy:
        final = evals[-1].num_tokens == ladder.tokens
        parts.append(_distance(ladder.entropy.loss, loss if final else None))
    return " ".join(part for part in parts if part)


def _lost(values: Mapping[str, float], loss: float, best: float) -> str:
    """Which rungs it had passed and then lost again, as in over-fitting; "" if none."""
    lost = [name for name in values if name != FLOOR and best < values[name] <= loss]
    if not lost:
        return ""
    return (
        f"It had passed the **{' and '.join(lost)}** model{'s' * (len(lost) > 1)}, with a loss of "
        f"{best:.2f} at its best validation, and has fallen behind again."
    )


def _passed(values: Mapping[str, float], loss: float) -> str:
    counted = [name for name in values if name not in ("uniform", FLOOR)]
    passed = [name for name in counted if loss < values[name]]
    ahead = [name for name in counted if name not in passed]
    if not ahead:
        return (
            "On held-out text it has passed the **unigram, bigram and trigram** models: counting "
            "which tokens follow which does not get this far."
        )
    goal = f"the {ahead[0]} model at {values[ahead[0]]:.2f} nats per token"
    if not passed:
        return f"On held-out text it still has to pass {goal}."
    return (
        f"On held-out text it has passed the **{' and '.join(passed)}** "
        f"model{'s' * (len(passed) > 1)}; next is {goal}."
    )


def _distance(floor: float, loss: float | None) -> str:
    """The floor, and how far the final loss is above it; None means not measured yet."""
    if loss is None:
        return (
            f"No model can do better than about {floor:.2f} nats per token, the true entropy of "
            "this text."
        )
    if loss < floor:
        return (
            f"It is at {loss:.2f} nats per token, below the {floor:.2f} of the text's generator, "
            "which counts only one way to write each text."
        )
    return (
        f"It is at least **{loss - floor:.2f} nats per token above the best possible**, the true "
        f"entropy of {floor:.2f}."
    )


def ladder_rows(ladder: Ladder) -> list[dict[str, object]]:
    """The lines as rows of a table, then the floor of each kind of document."""
    values = {measure: rungs(ladder, measure) for measure in MEASURES}
    rows: list[dict[str, object]] = [
        {"model": name, "what it sees": SEES[name]} | {m: values[m][name] for m in MEASURES}
        for name in values["loss"]
    ]
    for kind, found in ladder.kinds.items():
        if len(ladder.kinds) > 1 and found.entropy:
            about = f"{found.documents:,} documents, {found.tokens:,} tokens"
            row = {"model": f"{FLOOR}: {kind}", "what it sees": about}
            rows.append(row | {m: measured(found.entropy, m) for m in MEASURES})
    return rows


def _short(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"

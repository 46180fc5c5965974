"""The one curve of the first screen: how unsure the model is, with what the learner drew."""

from __future__ import annotations

from collections.abc import Sequence

from pages.pretrain.draw_it import AT
from tinylm.events import CurvePoint, EvalDone
from ui.charts.base import BLUE, OCHRE, Figure, Trace, base_layout, curve, gap, short
from ui.charts.training import measure_of_loss

# Few, so that their labels stay apart on a phone too.
TICKS = (1, 10, 100, 1_000, 10_000, 100_000)
POINTS = 100  # of the thin curve, which is 400 pixels wide; they are a third of what is sent


def unsure_curve(
    trained: Sequence[CurvePoint],
    evals: Sequence[EvalDone],
    num_steps: int,
    drawn: Sequence[float] = (),
    shown: int | None = None,
) -> Figure:
    """Perplexity against the step: of the training text thin, of unseen text with marks.

    `drawn` are the perplexities that the learner expected at AT. The mark at the step `shown`,
    whose texts stand beside the chart, is larger.
    """
    point = "step %{x}: %{y:.3g} pieces"
    trained = _thinned(trained)
    losses = [short(measure_of_loss(one.loss, "perplexity")) for one in trained]
    steps = [one.step for one in trained]
    thin = curve("training text", steps, losses, (BLUE, "circle"), point, width=1)
    data: list[Trace] = [thin | {"mode": "lines"}]
    unseen = curve(
        "unseen text",
        [one.step for one in evals],
        [gap(one.perplexity) for one in evals],
        (BLUE, "diamond"),
        point,
    )
    unseen["marker"] = unseen["marker"] | {"size": [13 if e.step == shown else 7 for e in evals]}
    data.append(unseen)
    if len(drawn) == len(AT):
        places = [at * num_steps for at in AT]
        data.append(
            curve("you drew", places, drawn, (OCHRE, "circle-open"), point, size=7, dash="dash")
        )
    # No range is set: the plot would go back to it at each update, and lose a learner's zoom.
    layout = base_layout("Step", "Perplexity", log=True)
    layout["yaxis"] |= {"tickvals": list(TICKS), "ticktext": [f"{tick:,}" for tick in TICKS]}
    layout["legend"] |= {"font": {"size": 12}}
    # The picture is low: what stands below its axis takes 14 pixels less than in other charts.
    layout["xaxis"]["title"] = {"text": "Step", "standoff": 2, "font": {"size": 12}}
    layout["margin"] |= {"b": 30}
    return {"data": data, "layout": layout}


def _thinned(points: Sequence[CurvePoint]) -> Sequence[CurvePoint]:
    """At most POINTS of these, evenly spaced, with the newest one."""
    every = -(-len(points) // POINTS) or 1
    return points[::-1][::every][::-1]


def describe_unsure(evals: Sequence[EvalDone], drawn: Sequence[float] = ()) -> str:
    """The curve in words, for people who cannot see it."""
    told = ", ".join(f"{one.perplexity:,.3g} at step {one.step:,}" for one in evals)
    yours = ", ".join(f"{one:,.2g}" for one in drawn)
    expected = f" You drew, from the first step to the last: {yours}." if drawn else ""
    return f"Perplexity on unseen text: {told or 'not measured yet'}.{expected}"

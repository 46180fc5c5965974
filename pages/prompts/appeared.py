"""When did it appear? The few-shot score at every checkpoint of a run, above its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.prompts import keys
from tinylm.evaluation.metrics import METRICS
from tinylm.evaluation.tasks.base import Task
from tinylm.events import EvalDone
from tinylm.experiments import fewshot
from tinylm.predictions import SHARE
from tinylm.questions.models import Measurement
from tinylm.runs.store.rows import RunRow
from ui.asking import look_up, measure, service
from ui.charts import accuracy
from ui.choosing import SEED
from ui.frame import numbers_behind
from ui.plot import live_plot
from ui.predict import predict_number, reveal, reveal_number

SHOTS = (0, 4)
HALF = 0.5  # share of the whole rise at which an ability counts as having appeared

Points = Mapping[tuple[int, int], Measurement]  # the keys are (step, k)


@dataclass(frozen=True)
class Appearance:
    """The two checkpoints around half of the rise, and how far the loss had fallen at each."""

    before: int  # step of the last checkpoint before half of the rise
    after: int
    loss_before: float  # nats per token, on validation text
    loss_after: float
    fallen_before: float  # share of the whole fall of the loss, reached at that step
    fallen_after: float


def show_appearance(base: RunRow, task: Task, group: str, limit: int) -> None:
    """Predict, run, reveal: the score at each stored checkpoint, against the training step."""
    shots = [k for k in SHOTS if k <= task.max_fewshot]
    steps = sorted({0, *service().checkpoints(base.id)})
    if len(steps) < 3:
        st.markdown("This run has too few checkpoints: train one for longer.")
        return
    setting = f"{base.id}, {task.name}, {group or 'all'}, {limit or 'all'} items"
    opened = predict_number(
        keys.PREDICTED_APPEARED,
        "The loss falls fast at first, then slowly. At the moment when the few-shot score has "
        "made **half of its rise**, which share of its whole fall has the loss behind it?",
        0,
        100,
        setting,
        unit=SHARE,
    )
    questions = fewshot.over_time(base.id, steps, task, shots, group=group, limit=limit, seed=SEED)
    st.markdown(
        f"{len(questions)} measurements: the base as it was at {len(steps)} steps, from 0 "
        f"(untrained) to {steps[-1]:,}, with k = {' and k = '.join(map(str, shots))}."
    )
    measure(
        questions,
        lambda points: _results(base, points, len(questions), setting),
        key=f"appeared-{base.id}-{task.name}-{group}-{limit}",
        label="Measure every checkpoint",
        # The other experiment may already have measured some of them.
        hidden=not opened or not look_up(questions).begun,
    )


def _results(base: RunRow, points: Points, total: int, setting: str) -> None:
    some = next(iter(points.values()))
    lines: dict[str, dict[int, Measurement]] = {}
    for (step, k), measured in points.items():
        lines.setdefault(f"k = {k}", {})[step] = measured
    chance = None if some.free else some.chance
    evals = service().evals(base.id)
    what = METRICS[some.metric].title
    st.markdown(f"**{what} over training** (n = {some.n} held-out items, 95 % intervals)")
    live_plot(
        accuracy.accuracy_by_step(lines, chance),
        key="appeared",
        label=f"{what} over training. {accuracy.describe_lines(lines, 'step {}')}.",
    )
    st.markdown(accuracy.left_out(points.values()))
    if evals:
        st.markdown("**Validation loss of the same run**")
        live_plot(
            accuracy.loss_by_step(evals),
            key="appeared-loss",
            label="Validation loss. "
            + ", ".join(f"{one.loss:.2f} at step {one.step}" for one in evals),
            height=200,
        )
    most = f"k = {max(k for _, k in points)}"
    if len(points) == total:
        _explain(most, appearance(lines[most], evals), setting)
    rows = [
        {"step": step, "k": k, "examples_read": points[step, k].examples.mean}
        | {"n": points[step, k].n, what: found.value, "low": found.low, "high": found.high}
        for (step, k) in sorted(points)
        for found in (points[step, k].leading,)
    ]
    numbers_behind(rows, "appeared-table")


def appearance(by_step: Mapping[int, Measurement], evals: Sequence[EvalDone]) -> Appearance | None:
    """Where half of the rise from the first to the last checkpoint lies; None without a rise.

    It counts as a rise only if the last interval lies wholly above the first one.
    """
    steps = sorted(by_step)
    if len(steps) < 2 or not evals:
        return None
    start, end = (by_step[steps[place]].leading for place in (0, -1))
    if end.low <= start.high:
        return None
    half = start.value + HALF * (end.value - start.value)
    place = next(i for i, step in enumerate(steps) if by_step[step].leading.value >= half)
    before, after = steps[place - 1], steps[place]
    losses = [loss_at(evals, step) for step in (steps[0], before, after, steps[-1])]
    whole = (losses[0] - losses[3]) or 1.0
    fallen = [(losses[0] - loss) / whole for loss in losses[1:3]]
    return Appearance(before, after, losses[1], losses[2], *fallen)


def loss_at(evals: Sequence[EvalDone], step: int) -> float:
    """The last validation loss measured at or before `step`, or else the first one measured."""
    earlier = [one for one in evals if one.step <= step]
    return (earlier or evals[:1])[-1].loss


def _explain(name: str, found: Appearance | None, setting: str) -> None:
    """Judge the prediction, and say where the loss was when the score was half-way up."""
    if found is None:
        reveal(
            keys.PREDICTED_APPEARED,
            f"With {name} the score does not rise.",
            "The 95 % intervals of the first and of the last checkpoint meet: this run does not "
            "show a rise. A longer run on more text may.",
            setting,
            right="",
        )
        return
    reveal_number(
        keys.PREDICTED_APPEARED,
        100 * found.fallen_before,
        f"With {name}, the score is half-way up between step {found.before:,} and "
        f"{found.after:,}. There the loss has made {found.fallen_before:.0%} to "
        f"{found.fallen_after:.0%} of its fall.",
        f"It went from {found.loss_before:.2f} to {found.loss_after:.2f} nats per token meanwhile. "
        "The loss is a mean over all words of all texts, and few of them are answers to this "
        "task. So an ability can come up while the loss hardly moves.",
        setting,
        to=100 * found.fallen_after,
    )

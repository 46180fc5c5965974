"""Parts of the page: the curve of rewards, the way there, and answers before and after."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.reward.result import LABELS, REWARD, SHOWN
from tinylm.experiments.recording import Recording
from tinylm.experiments.reward import EXPERIMENT, NEW, UPDATES
from ui.asking import service
from ui.charts.base import VERMILION, Figure, base_layout, curve
from ui.charts.rewards import reward_curve, rewards_in_words
from ui.experiments import Live
from ui.frame import literal
from ui.plot import live_plot
from ui.tables import small_table


def rewards_live(now: Live) -> None:
    """The curve of rewards of the live repetition, from its first update on."""
    run = next((one.run for one in now.states if one.arm.name == REWARD), None)
    if run is None or not run.step:
        return
    rewards = service().told(run.id).rewards
    said = rewards_in_words(rewards)
    st.markdown(said)
    figure = reward_curve([("rewards", "fine-tuned", rewards)], run.num_steps)
    live_plot(figure, key=f"reward-{run.id}", label=said, height=200)


def way(recording: Recording, arm: str) -> list[tuple[float, float]]:
    """The share of new questions answered right, by update: the mean over the seeds.

    It begins with what the model could before, and ends with what it can after the last update.
    """
    by_step: dict[int, list[float]] = {}
    for trial in recording.of(arm):
        for step, look in trial.looks.items():
            by_step.setdefault(step, []).append(look.figures[NEW].value)
    found = [(step, math.fsum(values) / len(values)) for step, values in sorted(by_step.items())]
    before, after = recording.over(LABELS, NEW), recording.over(arm, NEW)
    assert before is not None
    assert after is not None
    return [(0, before.mean), *found, (UPDATES, after.mean)]


def way_chart(lines: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """A line for each arm: both are fine-tuned, so they share a colour and differ in their dash."""
    dashes = (("solid", "diamond"), ("dot", "diamond-open"))
    data = [
        curve(
            name,
            [step for step, _ in points],
            [share for _, share in points],
            (VERMILION, mark),
            "update %{x}: %{y:.0%}",
            dash=dash,
        )
        for (name, points), (dash, mark) in zip(lines.items(), dashes, strict=True)
    ]
    layout = base_layout("Update", "New questions right")
    layout["yaxis"] |= {"tickformat": ".0%", "range": [0, 1.05]}
    return {"data": data, "layout": layout}


def curve_on_the_way(recording: Recording) -> None:
    """New questions answered right, from update to update, with rewards and with the answers."""
    lines = {EXPERIMENT.arm(name).title: way(recording, name) for name in (REWARD, SHOWN)}
    items = next(
        look.figures[NEW].n for trial in recording.of(REWARD) for look in trial.looks.values()
    )
    said = "; ".join(
        f"{name}: " + ", ".join(f"{share:.0%} after {step:.0f} updates" for step, share in points)
        for name, points in lines.items()
    )
    live_plot(way_chart(lines), key="reward-way", label=said, height=280)
    every = recording.of(REWARD)[0].measured.figures[NEW].n
    st.markdown(
        f"Each point is the mean over the seeds. The first and the last were measured on {every} "
        f"questions, those between them on {items}."
    )


def answers_before_and_after(recording: Recording) -> None:
    """The same new questions, answered before and after the rewards, with the first seed."""
    before, after = (recording.of(name)[0].measured.shown for name in (LABELS, REWARD))
    rows = [
        {
            "question": literal(one.prompt),
            "before": literal(one.answer),
            "after": f"{literal(then.answer)}{' ✓' if then.answer == then.right else ''}",
            "right": literal(one.right),
        }
        for one, then in zip(before, after, strict=True)
    ]
    small_table(rows, "reward-answers")

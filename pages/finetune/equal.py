"""Forgetting at equal accuracy: each way to fine-tune, at the moment when it answers as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import streamlit as st

from pages.finetune import keys
from tinylm.evaluation.tasks import Task
from tinylm.questions import Answer, Question
from tinylm.questions.models import CorpusLoss, Loss, Measurement
from tinylm.runs.store.rows import RunRow
from ui.asking import look_up, measure, service
from ui.charts.base import GREEN, OCHRE, VERMILION, Figure, Trace, base_layout, curve
from ui.choosing import Checkpoint, score_question
from ui.frame import literal, numbers_behind
from ui.plot import live_plot
from ui.predict import predict, reveal

BASE, FULL = "base", "full"
LOOKS = ((VERMILION, "diamond"), (GREEN, "square"), (OCHRE, "triangle-up"), (GREEN, "x"))
EVERY = 2  # every second checkpoint is measured
LEAST = 2  # so many checkpoints must be measured of a way, of which the last one is its end
ALIKE = 0.1  # two rises of the loss that differ by less than this share count as about the same


class Place(NamedTuple):
    """A way to fine-tune, after so many of its steps; step 0 is the base for all of them."""

    way: str
    step: int
    loss: bool  # whether the loss on the pre-training text is asked for, or the accuracy


class Moment(NamedTuple):
    """How well a model answers, and how well it still knows the pre-training text."""

    accuracy: float
    loss: float
    n: int = 0


Path = Sequence[Moment]  # from the base to the end of a fine-tuning


def at_equal_accuracy(base: RunRow, task: Task, tuned: Mapping[str, RunRow]) -> None:
    """Compare two ways where they answer equally well; nothing while there is only one way."""
    if FULL not in tuned or len(tuned) < 2:
        return
    st.markdown("**Forgetting at equal accuracy**")
    st.markdown(
        "One way may forget more only because it learned more. So look at each way at the moment "
        f"when it answers as many questions right as the other one does at its end. “{FULL}” is "
        "the way in which all weights learn."
    )
    bare = [way for way, run in tuned.items() if len(places(way, run)) < LEAST]
    if bare:
        names = " and ".join(f"“{literal(way)}”" for way in bare)
        st.info(
            f"An earlier version of tinylm trained {names} and kept only the end. With the same "
            "labels, fine-tune once more that way: then its model is kept on its way too.",
            icon="ℹ️",
        )
    tuned = {way: run for way, run in tuned.items() if way not in bare}
    if FULL not in tuned or len(tuned) < 2:
        return
    other = next(way for way in tuned if way != FULL)
    options = (FULL, "about the same", other)
    setting = ", ".join(run.id for run in (tuned[FULL], tuned[other]))
    question = "At equal accuracy, which has forgotten more of the pre-training text?"
    opened = predict(keys.PREDICTED_FORGOTTEN, question, options, setting, ordered=True)
    asked = questions(base, task, tuned)
    key = "equal-" + "-".join(run.id for run in tuned.values())

    def draw(results: Mapping[Place, Answer]) -> None:
        paths = {way: path_of(results, way) for way in tuned}
        if not all(paths.values()):
            return  # the base, where all lines begin, is not measured yet
        live_plot(figure(paths), key=key, label=describe(paths), height=320)
        st.markdown(
            "**What to look for**: every line begins at the base. To the right means more "
            "questions right, upwards means more forgotten. At one place of the lower axis, the "
            "lower line forgets less."
        )
        if look_up(asked).complete:
            told = found(paths[FULL], paths[other])
            reveal(
                keys.PREDICTED_FORGOTTEN,
                in_words(told, other),
                WHY,
                setting,
                right=right(told, options),
            )
        numbers_behind(rows(paths), f"{key}-numbers")

    if opened:
        # The ends of the ways may be known from other parts of the page.
        ends = {max(place.step for place in asked if place.way == way) for way in tuned}
        begun = any(place.step not in {0, *ends} for place in look_up(asked).answers)
        measure(asked, draw, key=key, label="Compare at equal accuracy", hidden=not begun)


WHY = (
    "One of the two is looked at on its way, where its steps are still large; it might have "
    "forgotten less if its last steps had been small. And this is one run of each way: with "
    "another seed the difference comes out differently."
)


def questions(
    base: RunRow, task: Task, tuned: Mapping[str, RunRow]
) -> dict[Place, Question[Answer]]:
    """Accuracy and loss of the base, then of each way at some of its checkpoints."""
    looked = {Place(BASE, 0, False): (base.id, service().best_step(base.id) or 0)}
    for way, run in tuned.items():
        looked |= places(way, run)
    asked: dict[Place, Question[Answer]] = {}
    for place, model in looked.items():
        asked[place] = score_question(model, task, "", 0)
        asked[place._replace(loss=True)] = Loss(*model)
    return asked


def places(way: str, run: RunRow) -> dict[Place, Checkpoint]:
    """The checkpoints of one way at which it is looked at."""
    steps = [step for step in service().checkpoints(run.id) if step]
    # From the end backwards, so that the last one is always among them.
    return {Place(way, step, False): (run.id, step) for step in steps[::-EVERY][::-1]}


def path_of(results: Mapping[Place, Answer], way: str) -> list[Moment]:
    """The base and the checkpoints of one way that are measured so far, in order of steps."""
    found = []
    for place in sorted(results):
        if place.loss or place.way not in (BASE, way):
            continue
        score, loss = results[place], results.get(place._replace(loss=True))
        if isinstance(score, Measurement) and isinstance(loss, CorpusLoss):
            found.append((place.step, Moment(score.leading.value, loss.loss, score.n)))
    return [moment for _, moment in sorted(found)]


class Equal(NamedTuple):
    """Two ways at the accuracy that both reach: how far each has raised the loss by then."""

    accuracy: float
    full: float
    other: float
    n: int


def found(full: Path, other: Path) -> Equal | None:
    """Both ways at the lower one of their last accuracies; None if one never gets there."""
    if len(full) < 2 or len(other) < 2:
        return None
    accuracy = min(full[-1].accuracy, other[-1].accuracy)
    losses = [loss_at(path, accuracy) for path in (full, other)]
    if losses[0] is None or losses[1] is None or accuracy <= full[0].accuracy:
        return None
    return Equal(accuracy, losses[0] - full[0].loss, losses[1] - full[0].loss, full[0].n)


def loss_at(path: Path, accuracy: float) -> float | None:
    """The loss where a path first reaches an accuracy, on the straight line between checkpoints."""
    for before, after in pairwise(path):
        if before.accuracy <= accuracy <= after.accuracy:
            rise = after.accuracy - before.accuracy
            share = (accuracy - before.accuracy) / rise if rise else 1.0
            return before.loss + share * (after.loss - before.loss)
    return None


def right(told: Equal | None, options: tuple[str, str, str]) -> str:
    """The option that fits what was measured; "" if nothing can be compared."""
    if told is None:
        return ""
    if abs(told.full - told.other) <= ALIKE * max(abs(told.full), abs(told.other)):
        return options[1]
    return options[0] if told.full > told.other else options[2]


def in_words(told: Equal | None, other: str) -> str:
    """What the comparison says, in a sentence with its figures."""
    if told is None:
        return "These runs have no accuracy in common: train both with more labels."
    said = (
        f"Where both answer {told.accuracy:.0%} of {told.n:,} held-out items right, the loss on "
        f"the pre-training text has changed by {told.full:+.3f} nats per token with “{FULL}”, "
        f"and by {told.other:+.3f} with “{other}”"
    )
    less, more = sorted((told.full, told.other))
    if less <= 0 or more / less < 1 + ALIKE:
        return f"{said}."
    name = other if told.other > told.full else FULL
    return f"{said}: “{name}” forgot {more / less:.1f} times as much."


def figure(paths: Mapping[str, Path]) -> Figure:
    """A line for each way, from the base to its end: accuracy to the right, loss upwards."""
    data: list[Trace] = [
        curve(
            way,
            [one.accuracy for one in path],
            [one.loss for one in path],
            look,
            "%{x:.1%} right, loss %{y:.3f}",
        )
        for (way, path), look in zip(paths.items(), LOOKS, strict=False)
    ]
    layout = base_layout("Held-out items right", "Loss on the pre-training text")
    furthest = max((one.accuracy for path in paths.values() for one in path), default=0.0)
    layout["xaxis"] |= {"tickformat": ".0%", "range": [-0.02, max(0.1, furthest * 1.08)]}
    return {"data": data, "layout": layout}


def describe(paths: Mapping[str, Path]) -> str:
    """The chart in words, for people who cannot see it."""
    parts = [
        f"{way}: {path[0].loss:.2f} at {path[0].accuracy:.0%} right, then "
        f"{path[-1].loss:.2f} at {path[-1].accuracy:.0%}"
        for way, path in paths.items()
        if path
    ]
    return "Loss on the pre-training text against accuracy. " + "; ".join(parts) + "."


def rows(paths: Mapping[str, Path]) -> list[dict[str, object]]:
    """Every point of the chart."""
    return [
        {"way": way, "accuracy": one.accuracy, "n": one.n, "loss": one.loss}
        for way, path in paths.items()
        for one in path
    ]

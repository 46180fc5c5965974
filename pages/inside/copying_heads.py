"""Heads that copy, heads that read the examples, and the few-shot accuracy at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.inside import charts as inside_charts
from pages.inside import keys
from tinylm.errors import TinylmError
from tinylm.evaluation.tasks import Task
from tinylm.evaluation.tasks import task as find_task
from tinylm.experiments import fewshot
from tinylm.questions import Answer, Question
from tinylm.questions.inside import (
    Copying,
    CopyingHeads,
    ExampleScores,
    HeadScores,
    Reading,
    ReadingHeads,
)
from tinylm.questions.models import Measurement
from tinylm.runs.store.rows import RunRow
from ui.asking import ask_all, look_up, measure
from ui.charts.accuracy import left_out
from ui.choosing import SEED
from ui.frame import numbers_behind
from ui.plot import live_plot
from ui.predict import predict, reveal

ITEMS = 100  # held-out items for each point of the few-shot curve
SHOTS = 4
FIRST = ("a head that copies", "both together", "few-shot accuracy")
COPIES = 0.1  # a head with a lower induction score does not copy; even attention gives about 0.03


def copying_view(run: RunRow, steps: list[int]) -> None:
    """Show the heads that copy, and the few-shot accuracy, at each of these steps of the run."""
    st.markdown(
        "A head that **copies** looks back to what came after the same token before. Its "
        "induction score: random tokens are read twice, and the score is the share of attention "
        "that goes to the right place. Examples in a prompt can only help a model that looks back "
        "at them, so there is a second score, on the corpus's own text. It is the share of the "
        "last token's attention that goes to where the examples' answers begin."
    )
    facts = _facts(run)
    # Without facts there is no accuracy to compare with, so nothing to predict.
    opened = facts is None or predict(
        keys.PREDICTED_COPYING,
        "Which comes first in training?",
        FIRST,
        run.id,
        ordered=True,
    )
    asked: dict[str, Question[Answer]] = {"copying": Copying(run.id, tuple(steps))}
    if facts is not None:
        asked["reading"] = Reading(run.id, tuple(steps), facts.name)
    found = ask_all(asked, "Reading checkpoints …")
    heads, readers = found.get("copying"), found.get("reading")
    if not isinstance(heads, CopyingHeads) or not opened:
        return
    points = heads.points
    if facts is None:
        copying_chart(points, {}, ())
        return
    if not isinstance(readers, ReadingHeads):
        return
    reading = [point for point in readers.points if point.n]
    questions = fewshot.over_time(run.id, steps, facts, [SHOTS], group="", limit=ITEMS, seed=SEED)

    def draw(found: Mapping[tuple[int, int], Measurement]) -> None:
        measured = {step: one for (step, _), one in found.items()}
        accuracies = {step: one.accuracy for step, one in measured.items()}
        copying_chart(points, accuracies, reading)
        st.markdown(left_out(found.values()))
        if len(measured) == len(steps):
            _reveal(run.id, points, measured)

    # A container is one element, empty or not, so what stands below keeps its place.
    with st.container():
        if not look_up(questions).answers:
            copying_chart(points, {}, reading)
    measure(
        questions,
        draw,
        key=f"copying-{run.id}",
        label="Measure the few-shot accuracy beside it",
    )
    if reading:
        st.markdown(reading_sentence(reading))


def _facts(run: RunRow) -> Task | None:
    try:
        return find_task(run.corpus, "facts")
    except TinylmError:
        return None


def reading_sentence(reading: Sequence[ExampleScores]) -> str:
    """Markdown: the reading score at both ends of the run, beside that of even attention."""
    first, last = (max(map(max, reading[place].answers)) for place in (0, -1))
    return (
        f"This is measured on {reading[-1].n} prompts with {SHOTS} examples. At step "
        f"{reading[0].step:,} the best head gives **{first:.1%}** of its attention to the "
        f"answers, at step {reading[-1].step:,} **{last:.1%}**. Attending evenly gives "
        f"{reading[-1].even:.1%}. A head that looks there may copy, or only read off which "
        "relation is asked for. The score does not tell the two apart."
    )


def copying_chart(
    points: Sequence[HeadScores], accuracies: Mapping[int, float], reading: Sequence[ExampleScores]
) -> None:
    """Draw the scores of heads and the few-shot accuracies by step, with the numbers as a table."""
    best = _best(points)
    live_plot(
        inside_charts.copying_curves(points, accuracies, reading),
        key="inside-copying",
        label="Highest induction score: "
        + ", ".join(f"{value:.0%} at step {step}" for step, value in best.items()),
    )
    answers = {point.step: point.answers for point in reading}
    rows = [
        {
            "step": point.step,
            "layer": layer + 1,
            "head": head + 1,
            "induction score": score,
            "reads the examples' answers": answers[point.step][layer][head]
            if point.step in answers
            else None,
            "few-shot accuracy": accuracies.get(point.step),
        }
        for point in points
        for layer, heads in enumerate(point.scores)
        for head, score in enumerate(heads)
    ]
    numbers_behind(rows, "inside-copying-table")


def _best(points: Sequence[HeadScores]) -> dict[int, float]:
    """The highest induction score of all heads, by step."""
    return {point.step: max(map(max, point.scores)) for point in points}


def _reveal(
    setting: str, points: Sequence[HeadScores], measured: Mapping[int, Measurement]
) -> None:
    """Say when the induction score and the accuracy had each made half of their rise."""
    scores = _best(points)
    accuracies = {step: one.accuracy for step, one in measured.items()}
    first, last = measured[min(measured)], measured[max(measured)]
    if last.low <= first.high:
        reveal(
            keys.PREDICTED_COPYING,
            f"The few-shot accuracy does not clearly rise: it goes from {first.accuracy:.0%} to "
            f"{last.accuracy:.0%} (n = {last.n}). The highest induction score is "
            f"{max(scores.values()):.1%}.",
            "What never comes cannot come first or last, so this training cannot tell. A longer "
            "one may.",
            setting,
            right="",
        )
        return
    if max(scores.values()) < COPIES:
        reveal(
            keys.PREDICTED_COPYING,
            "No head of this run copies random tokens; the highest score goes from "
            f"{scores[min(scores)]:.1%} at the first checkpoint to {scores[max(scores)]:.1%} at "
            "the last, where a head that copies would come near 100 %.",
            f"Its few-shot accuracy is {last.accuracy:.0%} all the same. One "
            "possible explanation, not tested here: the answers are in the weights, and the "
            "examples only tell which relation is asked for. Copying within real text, which is "
            "unlike random tokens, is not excluded: see the second score.",
            setting,
            right=FIRST[2],
        )
        return
    copies, answers = half_of_rise(scores), half_of_rise(accuracies)
    reveal(
        keys.PREDICTED_COPYING,
        f"The induction score has half of its rise at step {copies:,}, the few-shot "
        f"accuracy at step {answers:,}.",
        f"At the end the best head has a score of {scores[max(scores)]:.0%}, and the accuracy is "
        f"{last.accuracy:.0%}. Both are measured at the checkpoints only: what lies "
        "between two of them is not known.",
        setting,
        right=FIRST[(copies > answers) - (copies < answers) + 1],
    )


def half_of_rise(values: Mapping[int, float]) -> int:
    """The first step at which a value is at least halfway from its first value to its highest."""
    steps = sorted(values)
    start, top = values[steps[0]], max(values.values())
    return next(step for step in steps if values[step] >= (start + top) / 2)

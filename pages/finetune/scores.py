"""What fine-tuning brought: accuracy before and after, and by the number of labels."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.finetune import keys
from pages.finetune.tuning import GUESSES, INITS, Pair, method_name
from tinylm.evaluation.tasks import Task
from tinylm.questions.models import Measurement
from tinylm.runs.store.rows import RunRow
from ui.asking import ask_all, known, service
from ui.charts import accuracy
from ui.choosing import Models, best_checkpoints, score_question
from ui.frame import numbers_behind
from ui.plot import live_plot
from ui.predict import reveal


def scores_before_and_after(base: RunRow, task: Task, pair: Pair, asked_for: str) -> None:
    """Show the zero-shot accuracy on held-out items: untrained, base, fine-tuned and scratch.

    The prediction that was `asked_for` this setting is judged.
    """
    runs = {name: run.id for name, run in {"base": base, **pair}.items()}
    models: Models = {"untrained": (base.id, 0)} | best_checkpoints(runs)
    scores = ask_all(
        {name: score_question(model, task, "", 0) for name, model in models.items()},
        "Measuring on all held-out items …",
    )
    if not scores:
        return
    chance = next(iter(scores.values())).chance
    live_plot(
        accuracy.accuracy_bars(scores, chance),
        key="before-after",
        label=accuracy.describe_scores(scores, chance),
        height=300,
    )
    _explain_labels(scores, asked_for)
    st.markdown(
        "These are the figures of one run each. **Transfer** trains several, each with a seed of "
        "its own, and shows their mean, so its figures may be a little higher or lower."
    )
    rows = [
        {"model": name, "n": row.n, "correct": row.correct, "accuracy": row.accuracy}
        | {"low": row.low, "high": row.high}
        for name, row in scores.items()
    ]
    numbers_behind(rows, "before-after-table")


def _explain_labels(scores: Mapping[str, Measurement], asked_for: str) -> None:
    """Show the prediction beside the measurement, once fine-tuned and scratch are measured."""
    if not set(INITS) <= set(scores):
        return
    tuned, scratch = scores["fine-tuned"], scores["scratch"]
    reveal(
        keys.PREDICTED_LABELS,
        f"Of {tuned.n:,} held-out items, the model from the base answers {tuned.accuracy:.0%} "
        f"right, and the one from scratch {scratch.accuracy:.0%}.",
        why_labels(tuned, scratch),
        asked_for,
        right=better(tuned, scratch),
    )


def better(tuned: Measurement, scratch: Measurement) -> str:
    """The one of GUESSES that was right, as far as the 95 % intervals can tell."""
    if tuned.low > scratch.high:
        return GUESSES[0]
    return GUESSES[2] if scratch.low > tuned.high else GUESSES[1]


def why_labels(tuned: Measurement, scratch: Measurement) -> str:
    """What can be concluded from both accuracies and their 95 % intervals."""
    if tuned.low > scratch.high:
        return (
            "Both saw the same labels. They teach the form of question and answer; what the "
            "answer is, for things that no label mentions, only reading can have taught."
        )
    if scratch.low > tuned.high:
        return "Both saw the same labels, and for this task the pre-training was in the way."
    return (
        "The 95 % intervals meet: this base brought nothing that can be told from chance. One "
        "that was trained for longer has more to bring."
    )


def by_labels(task: Task, runs: list[RunRow]) -> None:
    """Plot accuracy against the number of labels, for all full runs that were measured."""
    scores: dict[str, dict[int, Measurement]] = {}
    for model, init in INITS.items():
        for run in runs:
            config = run.config
            steps = service().checkpoints(run.id) if run.status == "done" else []
            fits = config.init == init and method_name(config) == "full"
            if not fits or not steps or config.num_examples in scores.get(model, {}):
                continue
            row = known(score_question((run.id, steps[-1]), task, "", 0))
            if row is not None:
                scores.setdefault(model, {})[config.num_examples] = row
    if sum(map(len, scores.values())) < 3:
        return
    st.subheader("Fewer and more labels", anchor=False)
    live_plot(
        accuracy.accuracy_by_labels(scores),
        key="by-labels",
        label="; ".join(
            f"{model}, {labels} labels: {row.accuracy:.0%}"
            for model, rows in scores.items()
            for labels, row in sorted(rows.items())
        ),
    )

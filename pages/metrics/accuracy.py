"""Accuracy, and how it misleads if some classes are common and others are rare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages.metrics import keys
from pages.metrics.traps import SEED, choose_scored, plot_shares
from tinylm.evaluation.tasks.base import Task
from tinylm.evaluation.traps import (
    AgainstMajority,
    against_majority,
    commonest,
    macro_f1_difference,
    thinned,
)
from tinylm.questions.models import Score
from tinylm.runs.store.rows import RunRow
from ui.asking import ask
from ui.charts.accuracy import left_out
from ui.frame import literal, numbers_behind
from ui.predict import predict, reveal

KEPT = (1.0, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.0)
ZERO_SHOT = 0  # without examples, models show the trap most often

Sides = tuple[list[str], list[str]]  # the right answers, and the model's answers in the same order


def unequal_task(tasks: Sequence[Task]) -> Task | None:
    """The task with the most unequal classes; None if no task is measured by macro-F1.

    Inequality is the share of the commonest class divided by an equal share.
    """
    found = [task for task in tasks if "macro_f1" in task.metrics]
    return max(found, key=_inequality, default=None)


def _inequality(task: Task) -> float:
    counts = Counter(item.answer for item in task.test)
    return max(counts.values()) * len(counts) / len(task.test)


def answers_of(base: RunRow, task: Task, key: str, shots: int) -> Sides | None:
    """Ask for a checkpoint and a number of examples; return its answers to all held-out items.

    None until a worker has computed them.
    """
    step, number = choose_scored(base, key, shots)
    question = Score(base.id, step, task.name, number, seed=SEED, texts=True)
    found = ask(question, f"The model is sorting {len(task.test)} words …")
    if found is None:
        return None
    st.markdown(left_out([found]))
    return [item.gold for item in found.items], [item.answer for item in found.items]


def accuracy_trap(base: RunRow, task: Task) -> None:
    """Compare the model with a classifier that always answers the commonest class."""
    gold = [item.answer for item in task.test]
    common = literal(commonest(gold))
    share = gold.count(commonest(gold)) / len(gold)
    st.markdown(
        "**Accuracy** is the share of right answers. **Macro-F1** is the mean of F1 over the "
        f"classes, each counting the same. The task: {literal(task.description)} "
        f"{share:.0%} of the {len(gold)} held-out words are *{common}*."
    )
    if not predict(
        keys.PREDICTED_MAJORITY,
        f"Without an example, who has the higher accuracy: the base model, or a classifier that "
        f"says “{common}” whatever it is asked?",
        ("the model", f"always “{common}”", "about the same"),
    ):
        return
    sides = answers_of(base, task, "accuracy", ZERO_SHOT)
    if sides is not None:
        _show_majority(common, *sides)


def _show_majority(common: str, gold: list[str], answers: list[str]) -> None:
    kept = st.select_slider(
        "Words of the rarer classes that are kept",
        KEPT,
        format_func=lambda one: f"{one:.0%}" if one else "one a class",
        key=keys.METRIC_KEPT,
        persist_state="session",
        help=f"All words of the class {common} stay. The answers stay as they are.",
    )
    found = {share: against_majority(gold, answers, share, SEED) for share in KEPT}
    now = found[kept]
    always = f"always “{common}”"
    st.table(_two_rows(now, always), hide_index=True, border="horizontal")
    series = {
        "accuracy, model": [one.model.accuracy for one in found.values()],
        f"accuracy, {always}": [one.majority.accuracy for one in found.values()],
        "macro-F1, model": [one.model.macro_f1 for one in found.values()],
        f"macro-F1, {always}": [one.majority.macro_f1 for one in found.values()],
    }
    shares = [one.majority.accuracy for one in found.values()]
    plot_shares(shares, series, common, now.majority.accuracy, key="metric-accuracy")
    places = thinned(gold, commonest(gold), kept, SEED)
    _explain_majority([gold[i] for i in places], [answers[i] for i in places], common, now)
    numbers_behind(
        [
            {"kept": f"{share:.0%}", "answers": name, **one._asdict()}
            for share, both in found.items()
            for name, one in (("model", both.model), (always, both.majority))
        ],
        "metric-accuracy-table",
    )


def _two_rows(found: AgainstMajority, always: str) -> list[dict[str, str]]:
    return [
        {
            "answers": name,
            "accuracy": f"{one.accuracy:.1%}",
            "95 % interval": f"{one.low:.0%} to {one.high:.0%}",
            "macro-F1": f"{one.macro_f1:.3f}",
            "n": f"{one.n:,}",
        }
        for name, one in (("the model", found.model), (always, found.majority))
    ]


def _explain_majority(
    gold: list[str], answers: list[str], common: str, both: AgainstMajority
) -> None:
    """Say which of the two each metric ranks first, as far as these items can tell."""
    model, majority = both
    if majority.accuracy > model.accuracy:
        verdict = "**Accuracy puts an answer that looks at nothing above the model.**"
    else:
        verdict = (
            "**For this model the trap does not show here**: its accuracy is not below. Keep "
            "fewer of the rarer words, or choose no example or an earlier step."
        )
    found = macro_f1_difference(gold, answers, [commonest(gold)] * len(gold), SEED)
    # Decide by the rounded numbers, because these are shown.
    ahead, low, high = (round(one, 3) for one in found)
    if low > 0:
        order = "puts the model first"
    else:
        order = "does not tell them apart" if high > 0 else "puts the model last"
    classes = len(set(gold))
    reveal(
        keys.PREDICTED_MAJORITY,
        f"Measured on {model.n} words: the model {model.accuracy:.0%}, always “{common}” "
        f"{majority.accuracy:.0%}.",
        f"{verdict} Macro-F1 {order}: {model.macro_f1:.3f} against "
        f"{majority.macro_f1:.3f}, a difference of {ahead:.3f} (95 % interval {low:.3f} to "
        f"{high:.3f}). Always the same class gets accuracy from how common that class is, but no "
        f"more than 1 / {classes} = {1 / classes:.3f} of macro-F1 (there are {classes} classes "
        "among these words), because all other classes give it 0.",
    )

"""Accuracy, and how it misleads if some classes are common and others are rare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from pages.metrics import keys
from pages.metrics.traps import SEED, choose_scored, plot_shares
from tinylm.evaluation.tasks.base import Task
from tinylm.evaluation.traps import (
    AgainstMajority,
    Classified,
    against_majority,
    commonest,
    macro_f1_difference,
    thinned,
)
from tinylm.questions.models import Measurement, Score
from tinylm.runs.store.rows import RunRow
from ui.asking import ask, ask_all, service
from ui.charts.accuracy import left_out
from ui.frame import literal, numbers_behind
from ui.predict import predict, reveal
from ui.tables import small_table

KEPT = (1.0, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.0)
EXAMPLES = 1  # one example says what is asked; without any, the model answers something else
LOOKED_AT = 5  # checkpoints among which the page looks for one that shows the trap
GUESSES = ("the model", "about the same", "the answer that is always the same")

Sides = tuple[list[str], list[str]]  # the right answers, and the model's answers in the same order


def answers_of(base: RunRow, task: Task, key: str, shots: int, first: int = -1) -> Sides | None:
    """Ask for a checkpoint and a number of examples; return its answers to all held-out items.

    At first it is the checkpoint at the step `first`, or else the one that lessons use. None until
    a worker has computed the answers.
    """
    step, number = choose_scored(base, key, shots, first)
    found = ask(_question(base, step, task, number), f"The model sorts {len(task.test)} items …")
    if found is None:
        return None
    st.markdown(left_out([found]))
    return sides(found)


def _question(base: RunRow, step: int, task: Task, shots: int) -> Score:
    return Score(base.id, step, task.name, shots, seed=SEED, texts=True)


def sides(found: Measurement) -> Sides:
    """The right answers and those of the model."""
    return [item.gold for item in found.items], [item.answer for item in found.items]


def best_answers(base: RunRow, task: Task, shots: int) -> Sides | None:
    """The answers of the best checkpoint; None until a worker has computed them."""
    step = service().best_step(base.id) or 0
    found = ask(_question(base, step, task, shots), f"The model sorts {len(task.test)} items …")
    return None if found is None else sides(found)


class Case(NamedTuple):
    """A model and a choice of words: after which step, and what share of the rarer classes."""

    step: int
    kept: float


def accuracy_trap(base: RunRow, task: Task) -> None:
    """Compare the model with a classifier that always answers the commonest class."""
    gold = [item.answer for item in task.test]
    common = literal(commonest(gold))
    st.markdown(
        "**Accuracy** is the share of right answers. **F1** is a number for one class. It is high "
        "only if the model finds most items of this class, and is mostly right when it names it. "
        "**Macro-F1** is the mean of F1 over the classes, each counting the same."
    )
    st.markdown(
        f"The task: {literal(task.description)} Of these classes, {len(set(gold))} "
        f"stand among the {len(gold)} held-out items, and "
        f"{gold.count(commonest(gold)) / len(gold):.0%} of the items are *{common}*."
    )
    saved = service().checkpoints(base.id)
    steps = [saved[round(i * (len(saved) - 1) / LOOKED_AT)] for i in range(1, LOOKED_AT + 1)]
    asked = {step: _question(base, step, task, EXAMPLES) for step in steps}
    found = ask_all(asked, f"The model sorts {len(gold)} items, as it was at {len(asked)} steps …")
    if len(found) < len(asked):
        return
    case = clearest({step: sides(one) for step, one in found.items()}) or Case(saved[-1], 1.0)
    answers = sides(found[case.step])
    words, said = _words(*answers, case.kept)
    both = against_majority(*answers, case.kept, SEED)
    setting = f"{base.id}, step {case.step}, {case.kept:.0%} kept"
    if predict(
        keys.PREDICTED_MAJORITY,
        f"The model as it was after step {case.step:,} sorts {len(words)} items. Of these items, "
        f"{both.majority.accuracy:.0%} are *{common}*. Another program says “{common}” whatever "
        "it is asked. Which of the two has the higher accuracy?",
        GUESSES,
        setting,
        ordered=True,
    ):
        because = compared(words, said, common, both)
        reveal(
            keys.PREDICTED_MAJORITY,
            f"Of {both.model.n} items, the model has {both.model.accuracy:.0%} right, and always "
            f"“{common}” {both.majority.accuracy:.0%}.",
            because,
            setting,
            right=higher(both),
        )
        _show_majority(base, task, common, case, because)


def clearest(found: Mapping[int, Sides]) -> Case | None:
    """The model and the words for which accuracy and macro-F1 disagree most; None if for none."""
    ahead: dict[Case, float] = {}
    for step, (gold, answers) in found.items():
        for kept in KEPT:
            model, majority = against_majority(gold, answers, kept, SEED)
            if majority.accuracy > model.high and model.macro_f1 > majority.macro_f1:
                ahead[Case(step, kept)] = majority.accuracy - model.high
    for case in sorted(ahead, key=ahead.__getitem__, reverse=True):
        gold, answers = _words(*found[case.step], case.kept)
        if macro_f1_difference(gold, answers, [commonest(gold)] * len(gold), SEED)[1] > 0:
            return case
    return None


def higher(both: AgainstMajority) -> str:
    """The one of GUESSES with the higher accuracy, as far as the 95 % interval can tell."""
    model, majority = both
    if model.low > majority.accuracy:
        return GUESSES[0]
    return GUESSES[2] if majority.accuracy > model.high else GUESSES[1]


def _words(gold: list[str], answers: list[str], kept: float) -> Sides:
    """The words of the commonest class, and a share of the others."""
    places = thinned(gold, commonest(gold), kept, SEED)
    return [gold[i] for i in places], [answers[i] for i in places]


def _show_majority(base: RunRow, task: Task, common: str, case: Case, said: str) -> None:
    """Let the learner change the model and the words; what was `said` is not said again."""
    st.markdown("**Try another model, or other items**")
    found_sides = answers_of(base, task, "accuracy", EXAMPLES, case.step)
    if found_sides is None:
        return
    gold, answers = found_sides
    kept = st.select_slider(
        "Words of the rarer classes that are kept",
        KEPT,
        case.kept,
        format_func=lambda one: f"{one:.0%}" if one else "one a class",
        key=f"{keys.METRIC_KEPT}-{base.id}",
        persist_state="session",
        help=f"All items of the class {common} stay. The answers stay as they are.",
    )
    found = {share: against_majority(gold, answers, share, SEED) for share in KEPT}
    now = found[kept]
    always = f"always “{common}”"
    small_table(_two_rows(now, always), "two-classifiers")
    comparison = compared(*_words(gold, answers, kept), common, now)
    if comparison != said:
        st.markdown(comparison)
    series = {
        "accuracy, model": [one.model.accuracy for one in found.values()],
        f"accuracy, {always}": [one.majority.accuracy for one in found.values()],
        "macro-F1, model": [one.model.macro_f1 for one in found.values()],
        f"macro-F1, {always}": [one.majority.macro_f1 for one in found.values()],
    }
    shares = [one.majority.accuracy for one in found.values()]
    plot_shares(shares, series, common, now.majority.accuracy, key="metric-accuracy")
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


def compared(gold: list[str], answers: list[str], common: str, both: AgainstMajority) -> str:
    """Which of the two each metric puts first, as far as these words can tell, and why."""
    model, majority = both
    found = macro_f1_difference(gold, answers, [commonest(gold)] * len(gold), SEED)
    # Decide by the rounded numbers, because these are shown; the difference is that of the two.
    low, high = (round(one, 3) for one in found[1:])
    ahead = round(model.macro_f1, 3) - round(majority.macro_f1, 3)
    by_accuracy, by_f1 = higher(both), GUESSES[1]
    if low > 0:
        by_f1 = GUESSES[0]
    elif high < 0:
        by_f1 = GUESSES[2]
    measured = (
        f"Macro-F1 is {model.macro_f1:.3f} for the model and {majority.macro_f1:.3f} for always "
        f"“{common}”: a difference of {ahead:.3f} (95 % interval {low:.3f} to {high:.3f})."
    )
    return f"{verdict(by_accuracy, by_f1)} {measured} {_why(majority, common, len(set(gold)))}"


def verdict(by_accuracy: str, by_f1: str) -> str:
    """Whether the two metrics agree, given the one of GUESSES that each puts first."""
    model, same, always = GUESSES
    if (by_accuracy, by_f1) == (always, model):
        return (
            "**The two metrics disagree.** Accuracy puts an answer that looks at nothing above "
            "the model, and macro-F1 puts the model first."
        )
    if by_accuracy == by_f1 == same:
        return "**Here neither metric can tell the two apart.**"
    if by_accuracy == by_f1:
        return (
            f"**Here both metrics agree**: each puts {by_f1} first. The trap does not show with "
            "this model and these items."
        )
    name = {model: "puts the model first", same: "cannot tell them apart"}
    name[always] = "puts the answer that is always the same first"
    return f"**Here the trap shows in part**: accuracy {name[by_accuracy]}, macro-F1 {name[by_f1]}."


def _why(majority: Classified, common: str, classes: int) -> str:
    return (
        f"Always “{common}” has as much accuracy as that class is common, {majority.accuracy:.0%}. "
        f"But of macro-F1 it gets no more than 1 / {classes} = {1 / classes:.3f}, because each of "
        f"the {classes} classes counts the same and all others give it 0."
    )

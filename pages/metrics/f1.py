"""F1 of one class against the rest, and how it depends on how common the class is."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from pages.metrics import keys
from pages.metrics.accuracy import answers_of, best_answers
from pages.metrics.traps import SEED, plot_shares
from tinylm.evaluation.tasks.base import Task
from tinylm.evaluation.traps import Confusion, at_share, most_confused, one_against_rest
from tinylm.runs.store.rows import RunRow
from ui.frame import literal, numbers_behind
from ui.predict import predict, reveal
from ui.tables import small_table

SHARES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ENDS = (0.5, 0.02)  # the shares that the prediction compares
GUESSES = ("recall and F1", "precision and F1", "all three", "nothing: the model is the same")
ONE_SHOT = 1  # one example says what is asked, and most models still make enough mistakes


def f1_trap(base: RunRow, task: Task) -> None:
    """Show the metrics of one class as it becomes rarer while the model stays the same."""
    st.markdown(
        "**Precision** is the right part of what was called the class, **recall** the part of "
        "the class that was found. **F1** is a mean of the two that the smaller one pulls down: "
        "2 TP / (2 TP + FP + FN). TP are the hits (*true positives*), FP the false alarms, and FN "
        "the misses (*false negatives*)."
    )
    sides = best_answers(base, task, ONE_SHOT)
    if sides is None:
        return
    label = most_confused(*sides)
    half, rare = (at_share(*sides, label, share, SEED) for share in ENDS)
    name = literal(label)
    if not predict(
        keys.PREDICTED_RARE,
        f"The same model with the same answers, but the class *{name}* becomes rarer: "
        f"{ENDS[1]:.0%} of the items instead of {ENDS[0]:.0%}. What falls?",
        GUESSES,
        base.id,
    ):
        return
    because = explanation(name, half, rare)
    reveal(
        keys.PREDICTED_RARE,
        f"For {name} at a share of {ENDS[0]:.0%} (n = {half.n:,}), then of {ENDS[1]:.0%} (n = "
        f"{rare.n:,}): recall {half.recall:.0%} and {rare.recall:.0%}, precision "
        f"{half.precision:.0%} and {rare.precision:.0%}, F1 {half.f1:.2f} and {rare.f1:.2f}.",
        because,
        base.id,
        right=falls(half, rare),
    )
    st.markdown("**Try another class, or another model**")
    chosen = answers_of(base, task, "f1", ONE_SHOT)
    if chosen is not None:
        _show_rare(*chosen, because)


def falls(half: Confusion, rare: Confusion) -> str:
    """The one of GUESSES that is right, by the figures as they are shown."""
    recall = round(rare.recall, 2) < round(half.recall, 2)
    precision = round(rare.precision, 2) < round(half.precision, 2)
    if recall and precision:
        return GUESSES[2]
    return GUESSES[0] if recall else GUESSES[1] if precision else GUESSES[3]


def explanation(name: str, half: Confusion, rare: Confusion) -> str:
    """Why these figures come out so, for the class `name` at both shares."""
    if not half.tp:
        return f"This model never finds {name}: choose another class or more examples."
    if not rare.fp:
        return (
            f"Nothing else was called {name} by mistake, so precision has nothing to lose: "
            "choose a class with false alarms to see the trap."
        )
    return (
        "Recall looks only at the items of the class, which are the same. The more other "
        "items there are, the more false alarms among what is called the class. So F1 "
        "tells of the model *and* of how common the class is: two F1 compare only on the "
        "same mixture."
    )


def _show_rare(gold: list[str], answers: list[str], said: str) -> None:
    """Let the learner choose the class and its share; what was `said` is not said again."""
    counts = Counter(gold)
    labels = sorted(counts, key=lambda one: (-counts[one], one))
    left, right = st.columns(2)
    with left:
        label = st.selectbox(
            "Class",
            labels,
            index=labels.index(most_confused(gold, answers)),
            format_func=lambda one: f"{one} ({counts[one]} of {len(gold)})",
            key=keys.METRIC_CLASS,
            persist_state="session",
        )
    measured = one_against_rest(gold, answers, label)
    with right:
        percent = st.slider(
            "Share of the class among the items (%)",
            1,
            90,
            value=min(90, max(1, round(100 * measured.share))),
            key=f"{keys.METRIC_SHARE}-{label}",
            persist_state="session",
            help=f"The {counts[label]} items of the class stay. Of the others, with their answers, "
            "there are as many as the share needs: some of them, or all of them several times.",
        )
    now = at_share(gold, answers, label, percent / 100, SEED)
    name = literal(label)
    small_table(
        [
            {
                "": name if real else f"not {name}",
                f"called {name}": f"{hits:,} {'TP' if real else 'FP'}",
                "called something else": f"{misses:,} {'FN' if real else 'TN'}",
            }
            for real, hits, misses in ((True, now.tp, now.fn), (False, now.fp, now.tn))
        ],
        "confusion",
    )
    with st.container(horizontal=True):
        st.metric(f"Recall, n = {now.tp + now.fn:,}", f"{now.recall:.1%}")
        st.metric(f"Precision, n = {now.tp + now.fp:,}", f"{now.precision:.1%}")
        st.metric(f"F1, n = {now.n:,}", f"{now.f1:.3f}")
    _draw_rare(gold, answers, label, percent / 100, said)


def _draw_rare(gold: list[str], answers: list[str], label: str, chosen: float, said: str) -> None:
    found = [at_share(gold, answers, label, share, SEED) for share in SHARES]
    series = {
        "recall": [one.recall for one in found],
        "precision": [one.precision for one in found],
        "F1": [one.f1 for one in found],
    }
    name = literal(label)
    plot_shares(SHARES, series, label, chosen, key="metric-f1")
    half, rare = (at_share(gold, answers, label, share, SEED) for share in ENDS)
    because = explanation(name, half, rare)
    if because != said:
        st.markdown(because)
    rows = zip(SHARES, found, strict=True)
    numbers_behind(
        [
            {"share": share, "TP": one.tp, "FP": one.fp, "FN": one.fn, "TN": one.tn}
            | {"precision": one.precision, "recall": one.recall, "F1": one.f1, "n": one.n}
            for share, one in rows
        ],
        "metric-f1-table",
    )

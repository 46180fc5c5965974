"""What one change did: both losses, and the few-shot accuracy of both on the same questions."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.pretrain import keys
from tinylm.codec import encode
from tinylm.config import RunConfig
from tinylm.errors import TinylmError
from tinylm.evaluation.tasks import Task
from tinylm.evaluation.tasks import task as find_task
from tinylm.events import EvalDone
from tinylm.experiments.fewshot import compared
from tinylm.questions.models import Estimate, Measurement, Score
from tinylm.runs.store.rows import RunRow
from ui.asking import measure, service
from ui.charts.base import gap
from ui.charts.training import measured
from ui.choosing import SEED, best_checkpoints
from ui.differing import differing
from ui.frame import literal
from ui.predict import reveal

GUESSES = ("as it is", "hardly a difference", "with the change")
HARDLY = 0.02  # bits per byte between two runs that count as hardly a difference
DIGITS = 3  # of a loss, as it is shown and judged
SHOTS = (0, 4)
ITEMS = 200
ONE_SAMPLE = (
    "One pair of runs is **one sample**: with another seed the difference comes out differently, "
    "and may change its sign. Change the seed alone to see how much chance does by itself."
)


def result(first: RunRow, second: RunRow, heads: list[str]) -> None:
    """Show the prediction and the losses; offer to compare accuracy if the corpus has questions."""
    if not all(run.status == "done" for run in (first, second)):
        return
    st.subheader("What the change did", anchor=False)
    runs = (first, second)
    last = [service().latest(run.id, EvalDone) for run in runs]
    changed = differing([run.config for run in runs])
    said = loss_sentence(last, heads, comparable="vocab_size" not in changed)
    if said and len(changed) == 1:
        setting = setting_of(first.config, second.config)
        reveal(keys.PREDICTED_PAIR, said, ONE_SAMPLE, setting, right=better_of(last))
    elif said:
        st.markdown(f"{said} {ONE_SAMPLE}")
    try:
        task = find_task(first.corpus, "facts")
    except TinylmError:
        return
    if first.corpus == second.corpus:
        _accuracy(runs, heads, task)


def setting_of(first: RunConfig, second: RunConfig) -> str:
    """Names all that a prediction about two runs depends on."""
    both = encode([first.to_dict(), second.to_dict()])
    return hashlib.sha256(both.encode("utf-8")).hexdigest()[:16]


def better_of(last: Sequence[EvalDone | None]) -> str:
    """The guess that the final validations of both runs bear out; "" if they do not tell."""
    known = [one.bits_per_byte for one in last if one is not None]
    if len(known) < len(GUESSES) - 1 or not all(map(math.isfinite, known)):
        return ""
    one, other = known
    if round(abs(one - other), DIGITS) < HARDLY:
        return GUESSES[1]
    return GUESSES[0] if one < other else GUESSES[2]


def loss_sentence(last: Sequence[EvalDone | None], heads: list[str], *, comparable: bool) -> str:
    """Markdown with the two final losses, their difference, and what counts as one.

    It is "" if a loss is missing.

    Losses per token can be compared only within one vocabulary (`comparable`). Otherwise the
    sentence compares bits per byte.
    """
    key, unit = ("loss", "nats per token") if comparable else ("bits_per_byte", "bits per byte")
    there = [one for one in last if one is not None]
    known = [value for one in there if (value := gap(measured(one, key))) is not None]
    bits = [value for one in there if (value := gap(one.bits_per_byte)) is not None]
    if min(len(known), len(bits)) < len(last):
        return ""
    one, other = known
    better = "lower" if other < one else "higher"
    names = [literal(head) for head in heads]
    note = (
        f" In bits per byte they differ by {abs(bits[1] - bits[0]):.{DIGITS}f}."
        if comparable
        else " Their tokens differ, so losses per token do not compare."
    )
    first, second, apart = (f"{n:.{DIGITS}f}" for n in (one, other, abs(other - one)))
    return (
        f"Measured at the end on held-out text: {first} {unit} with {names[0]}, {second} with "
        f"{names[1]}, which is {apart} {better}.{note} "
        f"Less than {HARDLY:g} bits per byte counts as hardly a difference."
    )


def _accuracy(runs: tuple[RunRow, RunRow], heads: list[str], task: Task) -> None:
    """Measure both runs on the same questions, when a button is pressed."""
    best = best_checkpoints({str(place): run.id for place, run in enumerate(runs)})
    if len(best) < len(runs):
        return
    questions = {
        (int(place), k): Score(*model, task.name, k, limit=ITEMS, seed=SEED)
        for k in SHOTS
        for place, model in best.items()
    }

    def draw(rows: Mapping[tuple[int, int], Measurement]) -> None:
        st.dataframe(accuracy_rows(rows, heads), hide_index=True, alt="Accuracy of both runs")
        st.markdown(
            "The intervals (95 %, a paired bootstrap for the difference) are about the "
            "**questions** that were drawn: they do not hold what "
            "another seed of the training would change."
        )

    measure(
        questions,
        draw,
        key=f"pair-{runs[0].id}-{runs[1].id}",
        label="Ask both the same held-out questions",
    )


def accuracy_rows(
    rows: Mapping[tuple[int, int], Measurement], heads: list[str]
) -> list[dict[str, object]]:
    """A row for each k: both accuracies and their difference, with n and 95 % intervals.

    The keys of `rows` are (0 or 1 for the run, k). A k that only one run has is left out.
    """
    found = []
    for k in SHOTS:
        if not ((0, k) in rows and (1, k) in rows):
            continue
        pair = [rows[place, k] for place in (0, 1)]
        less = compared("", pair[1], pair[0], SEED)
        named = {head: _share(row.leading) for head, row in zip(heads, pair, strict=True)}
        change = f"{less.difference:+.1%} [{less.low:+.1%}, {less.high:+.1%}]"
        read = " and ".join(dict.fromkeys(row.examples.in_words() for row in pair))
        found.append({"examples (k)": read, "n": less.n, **named, "second less first": change})
    return found


def _share(figure: Estimate) -> str:
    return f"{figure.value:.1%} [{figure.low:.1%}, {figure.high:.1%}]"

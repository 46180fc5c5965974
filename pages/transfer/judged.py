"""The prediction of the lesson, and the labels saved that judge it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.transfer import keys
from pages.transfer import result as transfer
from tinylm.experiments.transfer import summary
from ui.frame import numbers_behind
from ui.predict import predict, reveal
from ui.tables import small_table

FOCUS = 128  # number of labels of the base in the prediction question
TWICE = 2  # below so many times as many labels, scratch needs about as many


def guesses(most: int) -> tuple[str, ...]:
    """What can be told apart where the experiment tries up to `most` labels: one of these holds."""
    beyond = f"more than {most:,}, all that is tried"
    if most <= TWICE * FOCUS:
        return (f"{most:,} or fewer", beyond)
    between = f"{TWICE} to {most / FOCUS:.2g} times as many"
    return (f"about as many: fewer than {TWICE * FOCUS:,}", between, beyond)


def right_guess(needed: int | None, most: int) -> str:
    """Which of `guesses(most)` holds where scratch needs `needed` labels; None for too many."""
    about, *between, beyond = guesses(most)
    if needed is None:
        return beyond
    return between[0] if between and needed >= TWICE * FOCUS else about


def predicted(sizes: Sequence[int], setting: str, *, begun: bool) -> bool:
    """Ask how many labels scratch needs; True once what was measured may be shown."""
    if FOCUS not in sizes:
        return True
    return predict(
        keys.PREDICTED_SAVED,
        f"*Scratch* begins with random weights. How many labels does it need to be as good as the "
        f"base with {FOCUS}? The experiment tries up to {max(sizes):,}.",
        guesses(max(sizes)),
        setting,
        skip=begun,
    )


def labels_saved(results: transfer.Results, setting: str) -> None:
    """Show the labels saved in words and as a table, with all the numbers behind them."""
    if not transfer.saved_rows(results):
        return
    st.subheader("Labels saved", anchor=False)
    saved = transfer.saved_by(results, FOCUS, "scratch")
    if saved is not None:
        reveal(
            keys.PREDICTED_SAVED,
            transfer.sentence(results, FOCUS),
            transfer.explanation(results, FOCUS),
            setting,
            right=right_guess(saved.needed, saved.tried),
        )
        st.markdown(transfer.shorter_base(results, FOCUS))
    small_table(transfer.saved_rows(results), "labels-saved")
    counted = max(tuned.n for tuned in results.values())
    st.markdown(
        f"Means over the seeds, {counted:,} held-out items each; between two numbers of "
        "labels, read off the straight line of the chart."
    )
    numbers_behind([row._asdict() for row in summary(results)], "transfer-table")

"""The prediction of the lesson, and the labels saved that judge it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.transfer import keys
from pages.transfer import result as transfer
from tinylm.experiments.transfer import summary
from ui.frame import numbers_behind
from ui.predict import predict_number, reveal_number
from ui.tables import small_table

FOCUS = 128  # number of labels of the base in the prediction question
MOST = 100_000  # labels that can be predicted


def predicted(sizes: Sequence[int], setting: str, *, begun: bool) -> bool:
    """Ask how many labels scratch needs; True once what was measured may be shown."""
    if FOCUS not in sizes:
        return True
    return predict_number(
        keys.PREDICTED_SAVED,
        f"*Scratch* begins with random weights. How many labels does it need to be as good as the "
        f"base with {FOCUS}? The experiment tries up to {max(sizes):,}.",
        0,
        MOST,
        setting,
        unit="labels",
        skip=begun,
    )


def labels_saved(results: transfer.Results, setting: str) -> None:
    """Show the labels saved in words and as a table, with all the numbers behind them."""
    if not transfer.saved_rows(results):
        return
    st.subheader("Labels saved", anchor=False)
    saved = transfer.saved_by(results, FOCUS, "scratch")
    if saved is not None:
        reveal_number(
            keys.PREDICTED_SAVED,
            saved.tried if saved.needed is None else saved.needed,
            transfer.sentence(results, FOCUS),
            transfer.explanation(results, FOCUS),
            setting,
            more=saved.needed is None,
        )
        st.markdown(transfer.shorter_base(results, FOCUS))
    small_table(transfer.saved_rows(results), "labels-saved")
    counted = max(tuned.n for tuned in results.values())
    st.markdown(
        f"Means over the seeds, {counted:,} held-out items each; between two numbers of "
        "labels, read off the straight line of the chart."
    )
    numbers_behind([row._asdict() for row in summary(results)], "transfer-table")

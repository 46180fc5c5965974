"""Four metrics computed on one model, each with a case where it misleads."""

from __future__ import annotations

import streamlit as st

from pages.metrics import keys
from pages.metrics.accuracy import accuracy_trap
from pages.metrics.bleu import bleu_trap
from pages.metrics.chosen import bleu_tasks, classes, none_fits
from pages.metrics.f1 import f1_trap
from pages.metrics.traps import perplexity_trap
from tinylm.evaluation.bleu_traps import MAX_ORDER
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import base_of_page, tasks_of
from ui.frame import PRETRAIN, heading
from ui.widgets import segments

PERPLEXITY, ACCURACY, F1, BLEU = METRICS = ("Perplexity", "Accuracy", "F1", "BLEU")
LABELS = "labels to choose from, which accuracy and F1 need here"
LONG_ANSWERS = f"answers of {MAX_ORDER} words and more, which BLEU needs"
TITLES = {
    PERPLEXITY: "Perplexity: one text, counted in many ways",
    ACCURACY: "Accuracy: beside an answer that looks at nothing",
    F1: "F1: of a common class, and of a rare one",
    BLEU: "BLEU: runs of words, and what they mean",
}


def lesson(base: RunRow) -> None:
    if not service().checkpoints(base.id):
        st.info("This model has no checkpoint yet: let it train a little longer.", icon="🔄")
        st.page_link(PRETRAIN, label="**Watch it**", icon="📉", query_params={state.RUN: base.id})
        return
    metric = segments("Metric", METRICS, PERPLEXITY, key=keys.METRIC)
    st.subheader(TITLES[metric], anchor=False)
    if metric == PERPLEXITY:
        perplexity_trap(base)
        return
    tasks = tasks_of(base.corpus)
    if metric == BLEU:
        free = bleu_tasks(tasks)
        bleu_trap(base, free) if free else none_fits(tasks, LONG_ANSWERS)
        return
    task = classes(tasks)
    if task is None:
        none_fits(tasks, LABELS)
    elif metric == ACCURACY:
        accuracy_trap(base, task)
    else:
        f1_trap(base, task)


heading(
    "Four metrics, four traps",
    "Success is measured by **perplexity**, **accuracy**, **F1** and **BLEU**. Each can look good "
    "or bad for a reason that is not the model. Here is when, computed on a model of yours.",
)
chosen = base_of_page()
if chosen is not None:
    lesson(chosen)

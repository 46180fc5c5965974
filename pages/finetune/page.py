"""Adapt a run to a task with a few labels, and train on the same labels from random weights."""

from __future__ import annotations

import streamlit as st

from pages.finetune import keys
from pages.finetune.equal import at_equal_accuracy
from pages.finetune.forgetting import what_it_cost
from pages.finetune.scores import by_labels, scores_before_and_after
from pages.finetune.tuning import (
    GUESSES,
    INITS,
    Method,
    Pair,
    choose_method,
    method_name,
    methods_of,
    newest_pair,
    runs_of,
    setting,
    tuning_config,
    tuning_title,
    watch_pair,
)
from tinylm.errors import TinylmError
from tinylm.evaluation.tasks import Task
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import base_of_page, choose_task, tasks_of
from ui.example import before_and_after, show_answers, show_example
from ui.frame import PROMPTS, TRANSFER, draw_anew, heading, problem
from ui.own_tasks import describe_task, no_tasks
from ui.predict import predict
from ui.widgets import segments

LABELS = (8, 32, 128, 512)
WAYS = {
    "both: the pre-trained model, and one from scratch": tuple(INITS),
    "only the pre-trained model": ("fine-tuned",),
    "only one from scratch": ("scratch",),
}


def setup(base: RunRow, tasks: tuple[Task, ...]) -> tuple[Task, int, tuple[str, ...]]:
    """Ask for the task, the number of labels, and the models to begin from (names of INITS)."""
    # This task's format never occurs in the pre-training text, so fine-tuning changes it most.
    task = choose_task(tasks, keys.TUNE_TASK, "questions")
    describe_task(task, base)
    show_example(task)
    total = len(task.train)
    labels = segments(
        "Labelled examples",
        [number for number in LABELS if number < total] + [total],
        min(128, total),
        key=f"{keys.LABELS}-{task.name}",
        names=lambda number: f"all {number:,}" if number == total else f"{number:,}",
    )
    way = st.radio(
        "Train on these labels",
        list(WAYS),
        horizontal=True,
        key=keys.FROM,
        persist_state="session",
        help="*From scratch* means from random weights, which have read nothing.",
    )
    return task, labels, WAYS[way]


def start(base: RunRow, task: Task, labels: int, models: tuple[str, ...], method: Method) -> None:
    """Queue the runs. The page later finds them by base, task, number of labels and method."""
    try:
        for model in models:
            config = tuning_config(base, task, labels, model, method)
            service().start(config, tuning_title(config, task))
    except TinylmError as error:
        problem(error)
        return
    draw_anew()


def lesson() -> None:
    base = base_of_page()
    if base is None:
        return
    # A task that is decided by ranking has no written answer, so fine-tuning has no target for it.
    tasks = tuple(task for task in tasks_of(base.corpus) if task.decide == "greedy")
    if not tasks:
        no_tasks()
        return
    task, labels, models = setup(base, tasks)
    method = choose_method()
    tuned = runs_of(base, task)
    pair = newest_pair(tuned, labels, method)
    # It is filled once it is known how much may be shown.
    question = st.container()
    opened = len(models) < len(INITS) and len(pair) < len(INITS)
    if not opened:
        opened = predict(
            keys.PREDICTED_LABELS,
            f"After {labels:,} labels, which model will answer more held-out items right?",
            GUESSES,
            setting(base, task, labels, method),
            ordered=True,
            skip=bool(pair),
        )
    if st.button("Fine-tune", type="primary"):
        start(base, task, labels, models, method)
    with question:
        done = {name: run for name, run in pair.items() if opened and run.status == "done"}
        show_answers(task, before_and_after(base, done), "held-out")
    if pair:
        show(base, task, labels, method, pair, opened=opened)


def show(
    base: RunRow, task: Task, labels: int, method: Method, pair: Pair, *, opened: bool
) -> None:
    """Show what these settings led to: the curves, the task before and after, and the price.

    What answers the question above is shown once it is `opened`.
    """
    st.subheader(f"With {labels:,} labels, {method_name(method)}", anchor=False)
    watch_pair(pair, drawn=opened)
    if not opened or any(run.active for run in pair.values()):
        return
    tuned = runs_of(base, task)
    st.markdown("**Held-out items answered right, without an example in the prompt**")
    # A container is one element whatever it holds, so what stands below keeps its place.
    with st.container():
        scores_before_and_after(base, task, pair, setting(base, task, labels, method))
    what_it_cost(base, task, methods_of(tuned, labels))
    at_equal_accuracy(base, task, methods_of(tuned, labels))
    by_labels(task, tuned)
    query = {state.RUN: base.id, state.TASK: task.name}
    st.page_link(TRANSFER, label="How many labels does that save? **Measure it**", icon="🔁")
    st.page_link(
        PROMPTS, label="Put one question to **all four models**", icon="💬", query_params=query
    )


heading(
    "Fine-tune",
    "A few labelled examples, and the same training loop as before, with the loss on the answer "
    "only. It is done twice: from the **base** model and from random weights (**scratch**). Both "
    "learn from the same labels, but only the base has read a text before. What is that worth?",
)
lesson()

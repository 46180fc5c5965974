"""How many labels pre-training saves: accuracy against labels from base, tenth and scratch."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.transfer import keys
from pages.transfer import result as transfer
from pages.transfer.judged import labels_saved, predicted
from tinylm.evaluation.tasks import Task
from tinylm.experiments.transfer import SEEDS, SIZES, TASK, questions
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import look_up, measure, service
from ui.choosing import base_of_page, choose_task, tasks_of
from ui.example import before_and_after, show_answers, show_example
from ui.frame import FINETUNE, PRETRAIN, heading
from ui.own_tasks import describe_task, no_tasks
from ui.widgets import segments

MORE_SIZES = (0, 8, 16, 32, 64, 128, 256, 512)
MORE_SEEDS = (3, 5, 8)


def options(tasks: Sequence[Task]) -> tuple[Task, list[int], int]:
    """Ask for the task, the numbers of labels, and the number of seeds.

    At first they are those of the last experiment that this learner began.
    """
    found = state.answers().get(keys.TRANSFER_OPTIONS)
    kept = found if isinstance(found, dict) else {}
    usual = next((task.name for task in tasks if task.name == kept.get("task")), TASK)
    with st.expander("Task, numbers of labels, seeds"):
        task = choose_task(tasks, keys.TRANSFER_TASK, usual)
        most = len(task.train)
        possible = [n for n in MORE_SIZES if n < most] + [most]
        sizes = st.pills(
            "Numbers of labels",
            possible,
            selection_mode="multi",
            default=[n for n in kept.get("sizes", usual_sizes(most)) if n in possible],
            format_func=lambda n: f"all {n:,}" if n == most else f"{n:,}",
            key=f"{keys.TRANSFER_SIZES}-{task.name}",
            persist_state="session",
        )
        seeds = segments(
            "Seeds",
            MORE_SEEDS,
            kept["seeds"] if kept.get("seeds") in MORE_SEEDS else len(SEEDS),
            key=keys.TRANSFER_SEEDS,
            note="Each seed draws other labels and other random weights.",
        )
    return task, sorted(sizes), seeds


def usual_sizes(most: int) -> list[int]:
    """The numbers of labels at first: a task with few labels is tried with all of them as well."""
    return [n for n in SIZES if n < most] + [most] * (most < max(SIZES))


def tuned(base: RunRow, task: Task) -> dict[str, RunRow]:
    """The newest runs of Fine-tune on this task, from the base and from scratch, if there are any.

    The experiment keeps no model, so it is these whose answers can be shown.
    """
    found: dict[str, RunRow] = {}
    for run in service().runs("finetune"):
        if (run.parent, run.config.task, run.status) == (base.id, task.name, "done"):
            found.setdefault("fine-tuned" if run.config.init == "base" else "scratch", run)
    return dict(sorted(found.items()))


def lesson(base: RunRow) -> None:
    tasks = [task for task in tasks_of(base.corpus) if task.decide == "greedy"]
    best = service().best_step(base.id)
    if not tasks:
        no_tasks()
        return
    if base.active or best is None:
        st.info("This base is still being trained: the experiment needs its end.", icon="🔄")
        st.page_link(PRETRAIN, label="**Watch it**", icon="📉", query_params={state.RUN: base.id})
        return
    task, sizes, seeds = options(tasks)
    if len(sizes) < 2:
        st.info("Choose at least two numbers of labels.", icon="ℹ️")
        return
    describe_task(task, base)
    show_example(task)
    show_answers(task, before_and_after(base, tuned(base, task)), "held-out")
    asked = questions(base.id, best, task.name, sizes=sizes, seeds=range(1, seeds + 1))
    key = f"transfer-{base.id}-{task.name}"
    costs, order = transfer.costs(base, task.name, sizes), list(asked)
    setting = f"{base.id}, {task.name}, {sizes} labels, {seeds} seeds"
    opened = predicted(sizes, setting, begun=look_up(asked).begun)

    def draw(results: transfer.Results) -> None:
        if opened:
            transfer.draw(results, sizes, key)
        else:
            st.info("Predict above, and see the points as they come in.", icon="🤔")

    measure(
        asked,
        draw,
        key=key,
        label="Run the experiment",
        on_start=lambda: state.keep_answer(
            keys.TRANSFER_OPTIONS, {"task": task.name, "sizes": sizes, "seeds": seeds}
        ),
        time_left=lambda done: transfer.seconds_left(order, done, costs, transfer.workers()),
    )
    found = look_up(asked)
    if not found.answers and not found.waiting:
        st.markdown(f"{found.total} short fine-tunings: some minutes, and you see every point.")
    if opened and found.complete:  # what a part of the points says may turn out wrong
        labels_saved(found.answers, setting)
        state.keep_once(keys.SEEN_SAVED)
    if opened and found.answers and not found.waiting:
        st.markdown(
            f"Each line here runs through the mean of {seeds} seeds. **Fine-tune** shows one run "
            "with one seed, so its figure for as many labels may be a little higher or lower."
        )
        st.page_link(FINETUNE, label="Look at **one fine-tuning** more closely", icon="🎯")


heading(
    "Transfer",
    "Does pre-training save labels? The same fine-tuning, on more and more labelled examples, "
    "from the **base**, from a base with **a tenth of the training**, and from random weights "
    "(**scratch**), with several seeds each.",
)
chosen = base_of_page()
if chosen is not None:
    lesson(chosen)

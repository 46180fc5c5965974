"""Which held-out rows of an own task a fine-tuned model may have learned from another one."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from tinylm.errors import TinylmError
from tinylm.evaluation.tasks import Task, is_own
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.tasks.own.rows import alike
from ui.asking import service
from ui.choosing import Models
from ui.frame import literal


def warn_of_taught(models: Models, task: Task) -> None:
    """Say it where a model learned rows that this task holds out.

    A changed table is another task with another split, so its test may ask what the models of the
    table of before were taught.
    """
    if is_own(task.name):
        for sentence in _sentences(models, task):
            st.warning(sentence, icon="⚠️")


def _sentences(models: Models, task: Task) -> Iterator[str]:
    for name, (run_id, _) in models.items():
        learned = service().run(run_id).config.task
        if learned == task.name or not is_own(learned):
            continue
        try:
            other = find_task("", learned, service().home)
        except TinylmError:
            yield (
                f"The model *{name}* learned an own task that is not here any more. Nobody can say "
                "whether it has seen rows that are held out here."
            )
            continue
        if number := taught_before(task, other):
            mine = {one.name: one.title for one in service().own_tasks()}
            title = mine.get(learned, other.title)
            yield (
                f"The model *{name}* learned the task *{literal(title)}*. Of the "
                f"{len(task.test):,} rows held out here, {number:,} are for training there: what "
                "it gets right, it may remember. Compare it on the task that it learned."
            )


def taught_before(task: Task, learned: Task) -> int:
    """How many held-out inputs of a task stand in the training part of another one."""
    inputs = {alike(item.context) for item in learned.train}
    return sum(alike(item.context) in inputs for item in task.test)

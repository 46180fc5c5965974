"""Which task a metric is shown on: one of the text, or else an own one that the learner chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages.metrics import keys
from tinylm.evaluation.tasks import Task, is_own
from ui.choosing import choose_task
from ui.frame import OWN_TASK
from ui.own_tasks import no_tasks


def classes(tasks: Sequence[Task]) -> Task | None:
    """The task for accuracy and F1; None where no task has classes.

    Of the text's own tasks it is the one with the most unequal classes. Own tasks stand for it
    only where the text has none, and then the learner chooses, at first the most unequal one.
    """
    taught = unequal_task([task for task in tasks if not is_own(task.name)])
    first = taught or unequal_task(tasks)
    if taught is not None or first is None:
        return taught
    own = [task for task in tasks if "macro_f1" in task.metrics]
    return choose_task(own, keys.METRIC_OWN_CLASSES, first.name)


def unequal_task(tasks: Sequence[Task]) -> Task | None:
    """The task with the most unequal classes; None if no task is measured by macro-F1.

    Inequality is the share of the commonest class divided by an equal share.
    """
    found = [task for task in tasks if "macro_f1" in task.metrics]
    return max(found, key=_inequality, default=None)


def _inequality(task: Task) -> float:
    counts = Counter(item.answer for item in task.test)
    return max(counts.values()) * len(counts) / len(task.test)


def none_fits(tasks: Sequence[Task], needed: str) -> None:
    """Say that no task here has what is `needed`, and where to make one."""
    if not tasks:
        no_tasks()
        return
    st.info(
        "This base read text without known answers. Tasks on this machine that people brought: "
        f"{len(tasks):,}, but none of them has {needed}. A table of such rows is enough.",
        icon="📋",
    )
    st.page_link(OWN_TASK, label="**Make your own task**", icon="📋")


def bleu_tasks(tasks: Sequence[Task]) -> list[Task]:
    """The tasks that are measured by BLEU."""
    return [task for task in tasks if "bleu" in task.metrics]

"""What several lessons say about a task of one's own: where to make one, and what to expect."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from tinylm.evaluation.tasks import Task, is_own
from ui.frame import OWN_TASK, literal

SHOWN = 40  # characters of a label that a sentence names


def no_tasks() -> None:
    """Say that the chosen base brings no task, and where to make one."""
    st.info(
        "This base read text without known answers, so it brings no tasks. Bring your own: a table "
        "of questions and answers is enough.",
        icon="📋",
    )
    st.page_link(OWN_TASK, label="**Make your own task**", icon="📋")


def chance(task: Task) -> float:
    """How often a label picked at random is right, as a mean; 0 for free text."""
    sizes = [len(item.choices) for item in task.test]
    return sum(1 / size if size > 1 else 0.0 for size in sizes) / len(sizes)


def majority(task: Task) -> tuple[str, float]:
    """The commonest answer of the training part, and how often it is right in the test."""
    counts = Counter(item.answer for item in task.train)
    common = min(counts, key=lambda answer: (-counts[answer], answer))
    return common, sum(item.answer == common for item in task.test) / len(task.test)


def expected(task: Task) -> str:
    """Markdown: what to expect of a base that never read lines like those of this task, and why."""
    said = (
        "**What to expect.** The base never read lines like these, and nobody told it what your "
        "answers mean. Examples in the prompt show it the form, and often no more. "
    )
    if len(task.test[0].choices) > 1:
        common, right = majority(task)
        said += (
            f"So expect about what needs no knowledge: {chance(task):.0%} right by picking a label "
            f"at random, {right:.0%} by always saying *{literal(common[:SHOWN])}*. "
        )
    else:
        said += "So expect next to no right answers: any text at all may be one. "
    return said + (
        f"**Fine-tuning** is what helps, because it learns from your {len(task.train):,} training "
        "items. Compare it with scratch to see what the pre-training brought."
    )


def describe_task(task: Task) -> None:
    """Say what a task asks, and what to expect of an own one, or where to make one."""
    st.markdown(task.description)
    if is_own(task.name):
        st.markdown(expected(task))
    else:
        st.page_link(OWN_TASK, label="Or use **your own task**", icon="📋")

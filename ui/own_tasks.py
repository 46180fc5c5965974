"""What several lessons say about a task of one's own: where to make one, and what to expect."""

from __future__ import annotations

import streamlit as st

from tinylm.evaluation.baselines import chance, majority
from tinylm.evaluation.tasks import Task, is_own
from tinylm.evaluation.traps import commonest
from tinylm.questions.corpora import Search, SearchResult
from tinylm.runs.store.rows import RunRow
from ui.asking import ask_all
from ui.frame import OWN_TASK, literal

SHOWN = 40  # characters of a label that a sentence names
MAX_QUERY = 60  # characters that a text is searched for


def no_tasks() -> None:
    """Say that the chosen base brings no task, and where to make one."""
    st.info(
        "This base read text without known answers, so it brings no tasks. Bring your own: a table "
        "of questions and answers is enough.",
        icon="📋",
    )
    st.page_link(OWN_TASK, label="**Make your own task**", icon="📋")


def common_answer(task: Task) -> str:
    """The commonest answer of the training part."""
    return commonest(item.answer for item in task.train)


def familiar(task: Task) -> str:
    """The piece of a solved row that the text of pre-training is searched for, e.g. `-> good`."""
    answer = common_answer(task) if len(task.test[0].choices) > 1 else ""
    return f"{task.between}{task.answer_prefix}{answer}".strip().rpartition("\n")[2][:MAX_QUERY]


def expected(task: Task, read: SearchResult | None) -> str:
    """Markdown: what to expect of a base, given how often its text has `familiar`, and why."""
    said = "**What to expect.** "
    labels = len(task.test[0].choices) > 1
    if read is not None:
        new = "what your answers mean" if labels else "that an answer follows it"
        there = f"“{literal(familiar(task))}” stands in "
        there += f"{read.documents:,} of " if read.documents else "none of "
        there += f"{read.of:,} documents of the text that this base read, so "
        there += (
            "it knows the form; what your inputs have to do with it, only the test tells. "
            if read.documents
            else f"nothing told it {new}. "
        )
        said += there
    said += "Examples in the prompt show the form, and that is often not enough. "
    if labels:
        said += (
            f"Picking a label at random gives {chance(task.test):.0%} right, and always saying "
            f"*{literal(common_answer(task)[:SHOWN])}* gives {majority(task, task.test):.0%}: a "
            "model that does no better knows nothing of your task. "
        )
    else:
        said += "Any text at all may be an answer, so guessing gives next to nothing. "
    return said + (
        f"**Fine-tuning** is what helps most: it learns from your {len(task.train):,} training "
        "items. Compare it with scratch to see what the pre-training brought."
    )


def what_to_expect(task: Task, base: RunRow) -> None:
    """Show `expected`; a worker looks into the text of the base, and the page does not wait."""
    asked = Search(base.corpus, familiar(task), documents=base.config.documents)
    st.markdown(expected(task, ask_all({"": asked} if asked.query else {}).get("")))


def describe_task(task: Task, base: RunRow) -> None:
    """Say what a task asks, and what to expect of an own one, or where to make one."""
    st.markdown(task.description)
    if is_own(task.name):
        what_to_expect(task, base)
    else:
        st.page_link(OWN_TASK, label="Or use **your own task**", icon="📋")

"""Zero-shot and few-shot: what a model can do although nobody trained it to do that."""

from __future__ import annotations

import streamlit as st

from pages.prompts import keys
from pages.prompts.appeared import show_appearance
from pages.prompts.experiment import choose_items, show_experiment
from pages.prompts.one_question import one_question
from pages.prompts.playground import playground
from pages.prompts.taught_before import warn_of_taught
from pages.prompts.wording import same_facts
from tinylm.evaluation.tasks import Task
from tinylm.runs.store.rows import RunRow
from ui.choosing import base_of_page, choose_task, compare_with, tasks_of
from ui.elsewhere import choose_beside, chosen_beside
from ui.frame import group_name, heading
from ui.own_tasks import describe_task, no_tasks

ALL_GROUPS = ""


def choose_group(base: RunRow, tasks: tuple[Task, ...]) -> tuple[Task, str]:
    """Ask for a task, and for one of its groups of items (ALL_GROUPS for all)."""
    left, right = st.columns(2)
    with left:
        task = choose_task(tasks, keys.TASK)
    groups = sorted({item.group for item in task.test if item.group})
    group = ALL_GROUPS
    if groups:
        with right:
            group = st.selectbox(
                "Relation" if task.max_fewshot else "What is spoiled",
                [ALL_GROUPS, *groups],
                format_func=lambda one: group_name(one) or "all of them",
                key=f"{keys.GROUP}-{task.name}",
                persist_state="session",
            )
    describe_task(task, base)
    return task, group


def lesson() -> None:
    base = base_of_page()
    if base is None:
        return
    models = compare_with(base)
    tasks = tasks_of(base.corpus)
    if not tasks:
        no_tasks()
    else:
        task, group = choose_group(base, tasks)
        warn_of_taught(models, task)
        # A container is one element whatever it holds, so what stands below keeps its place.
        with st.container():
            one_question(models | choose_beside(base), tasks, task, group)
        st.subheader("All held-out questions", anchor=False)
        limit = choose_items(task, group)
        if show_experiment(models, task, group, limit) and "base" in models:
            same_facts(models["base"], tasks, task, group, limit)
        st.subheader("When did it appear?", anchor=False)
        show_appearance(base, task, group, limit)
    st.subheader("Your own text", anchor=False)
    playground(base, models | chosen_beside())


heading(
    "Prompts",
    "The model was trained for one thing only: the next token. Put a task into its text, with no "
    "example (**zero-shot**) or with a few (**few-shot**), and measure what comes out.",
)
lesson()

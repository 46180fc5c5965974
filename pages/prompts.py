"""Zero-shot and few-shot: what a model does that nobody trained it to do."""

from __future__ import annotations

import streamlit as st

from tinylm.errors import TinylmError
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import Item, Task, tasks_for
from ui import state
from ui.answers import playground, show_accuracy, show_odds
from ui.frame import FINETUNE, group_name, heading, problem
from ui.models import SEED, Models, base_of_page, compare_with

ALL_GROUPS = ""


def choose_task(tasks: tuple[Task, ...]) -> tuple[Task, str]:
    """A task, and one of its groups of items or all of them."""
    by_name = {task.name: task for task in tasks}
    left, right = st.columns(2)
    with left:
        name = st.selectbox(
            "Task",
            list(by_name),
            format_func=lambda one: by_name[one].title,
            key=state.TASK,
            persist_state="session",
        )
    task = by_name[name]
    groups = sorted({item.group for item in task.test if item.group})
    with right:
        group = st.selectbox(
            "Relation",
            [ALL_GROUPS, *groups],
            format_func=lambda one: group_name(one) or "all of them",
            key=state.GROUP,
            persist_state="session",
        )
    st.markdown(task.description)
    return task, group if group in groups else ALL_GROUPS


def choose_item(task: Task, group: str) -> Item:
    """A held-out question; the button goes on to the next one."""
    items = [item for item in task.test if group in (ALL_GROUPS, item.group)]
    key = f"{state.ITEM}-{task.name}-{group}"
    step = 1 if group else 17  # across relations, not along one
    with st.container(horizontal=True, vertical_alignment="bottom"):
        index = st.selectbox(
            "Held-out question",
            range(len(items)),
            format_func=lambda i: f"{items[i].context}   ({group_name(items[i].group)})",
            key=key,
            persist_state="session",
            width=420,
        )

        def another() -> None:
            st.session_state[key] = (index + step) % len(items)

        st.button("Another question", on_click=another)
    return items[index]


def one_question(models: Models, task: Task, group: str) -> int:
    """The literal prompt and every model's answer; returns the number of examples."""
    item = choose_item(task, group)
    shots = st.slider(
        "Examples in the prompt (k)",
        0,
        8,
        key=state.SHOTS,
        persist_state="session",
        help="0 is zero-shot. The examples are solved training items of the same relation.",
    )
    try:
        prompt = few_shot_prompt(task, item, shots, SEED)
    except TinylmError as error:
        problem(error)
        return shots
    st.markdown("**The prompt, letter by letter.** The model continues it; nothing else tells it.")
    st.code(prompt.text, language=None, wrap_lines=True)
    show_odds(models, task, item, prompt)
    return shots


def lesson() -> None:
    base = base_of_page()
    if base is None:
        return
    models = compare_with(base)
    tasks = tasks_for(base.corpus)
    if not tasks:
        st.info("This corpus is plain text without known answers, so it has no tasks.", icon="ℹ️")
    else:
        task, group = choose_task(tasks)
        st.subheader("One question", anchor=False)
        shots = one_question(models, task, group)
        st.subheader("All held-out questions", anchor=False)
        show_accuracy(models, task, group, shots)
        st.page_link(FINETUNE, label="Next: **fine-tune it**", icon="🎯")
    st.subheader("Your own text", anchor=False)
    playground(base, models)


heading(
    "Prompts",
    "The model was trained for one thing only: the next token. Put a task into its text, with no "
    "example (**zero-shot**) or with a few (**few-shot**), and measure what comes out.",
)
lesson()

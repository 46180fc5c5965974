"""Zero-shot and few-shot: what a model can do although nobody trained it to do that."""

from __future__ import annotations

import streamlit as st

from pages.prompts import keys
from pages.prompts.appeared import show_appearance
from pages.prompts.contrast import same_question
from pages.prompts.experiment import choose_items, show_experiment
from pages.prompts.model_answers import show_odds, show_pair
from pages.prompts.playground import playground
from tinylm.errors import TinylmError
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import Item, Task, tasks_for
from ui.choosing import SEED, Models, base_of_page, choose_task, compare_with
from ui.frame import FINETUNE, group_name, heading, problem

ALL_GROUPS = ""
SHOWN_FIRST = "countries.capital"  # preferred, because another task asks about the same subjects


def choose_group(tasks: tuple[Task, ...]) -> tuple[Task, str]:
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
    st.markdown(task.description)
    return task, group


def choose_item(task: Task, group: str) -> Item:
    """Ask for a held-out question; a button goes on to another one."""
    items = [item for item in task.test if group in (ALL_GROUPS, item.group)]
    key = f"{keys.ITEM}-{task.name}-{group}"
    step = 1 if group else 17  # with all groups, jump so that the relation changes too
    first = next((i for i, item in enumerate(items) if item.group == SHOWN_FIRST), 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        index = st.selectbox(
            "Held-out question",
            range(len(items)),
            index=first,
            format_func=lambda i: item_name(items[i]),
            key=key,
            persist_state="session",
            width=420,
        )

        def another() -> None:
            st.session_state[key] = (index + step) % len(items)

        st.button("Another question", on_click=another)
    return items[index]


def item_name(item: Item) -> str:
    return f"{item.context or item.answer}" + (f"   ({group_name(item.group)})" * bool(item.group))


def choose_shots(task: Task) -> int:
    """Ask for the number of examples; 0 without asking if the task allows none."""
    if not task.max_fewshot:
        return 0
    return int(
        st.slider(
            "Examples in the prompt (k)",
            0,
            task.max_fewshot,
            key=keys.SHOTS,
            persist_state="session",
            help="0 is zero-shot. The examples are solved training items (of the same relation).",
        )
    )


def one_question(models: Models, tasks: tuple[Task, ...], task: Task, group: str) -> None:
    """Show the exact prompt and every model's answer, then the question after other examples."""
    st.subheader("One question", anchor=False)
    item = choose_item(task, group)
    shots = choose_shots(task)
    try:
        prompt = few_shot_prompt(task, item, shots, SEED)
        if task.decide == "ranked":
            show_pair(models, task, item, prompt)
            return
        st.markdown(
            "**The prompt, letter by letter.** The model continues it; nothing else tells it."
        )
        st.code(prompt.text, language=None, wrap_lines=True)
        if show_odds(models, task, item, prompt) and "base" in models:
            st.subheader("The same question, other examples", anchor=False)
            same_question(models["base"], tasks, task, item)
    except TinylmError as error:
        problem(error)


def lesson() -> None:
    base = base_of_page()
    if base is None:
        return
    models = compare_with(base)
    tasks = tasks_for(base.corpus)
    if not tasks:
        st.info("This corpus is plain text without known answers, so it has no tasks.", icon="ℹ️")
    else:
        task, group = choose_group(tasks)
        # A container is one element whatever it holds, so what stands below keeps its place.
        with st.container():
            one_question(models, tasks, task, group)
        st.subheader("All held-out questions", anchor=False)
        limit = choose_items(task, group)
        show_experiment(models, task, group, limit)
        st.subheader("When did it appear?", anchor=False)
        show_appearance(base, task, group, limit)
        st.page_link(FINETUNE, label="Next: **fine-tune it**", icon="🎯")
    st.subheader("Your own text", anchor=False)
    playground(base, models)


heading(
    "Prompts",
    "The model was trained for one thing only: the next token. Put a task into its text, with no "
    "example (**zero-shot**) or with a few (**few-shot**), and measure what comes out.",
)
lesson()

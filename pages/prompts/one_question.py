"""One held-out question: the exact prompt, and what each model answers to it."""

from __future__ import annotations

import streamlit as st

from pages.prompts import keys
from pages.prompts.contrast import fittings, same_question
from pages.prompts.model_answers import show_odds, show_pair
from tinylm.errors import TinylmError
from tinylm.evaluation.prompts import Prompt, controls_of, few_shot_prompt
from tinylm.evaluation.tasks import Item, Task
from ui.asking import ask
from ui.choosing import SEED, Models, fitting_question
from ui.frame import group_name, problem

# Preferred, because another task asks about the same subjects, and because a model trained for a
# minute answers both of them right after examples.
SHOWN_FIRST = ("countries.capital", "Spain")


def choose_item(task: Task, group: str) -> Item:
    """Ask for a held-out question; a button goes on to another one."""
    items = [item for item in task.test if group in ("", item.group)]
    key = f"{keys.ITEM}-{task.name}-{group}"
    step = 1 if group else 17  # with all groups, jump so that the relation changes too
    first = max(range(len(items)), key=lambda i: _preferred(items[i]))
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


def _preferred(item: Item) -> int:
    """How much an item is preferred at first: 2 for that of SHOWN_FIRST, 1 for its relation."""
    relation, subject = SHOWN_FIRST
    return (item.group == relation) * (1 + (item.context == subject))


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


def read_prompt(models: Models, task: Task, item: Item, shots: int) -> Prompt | None:
    """The prompt as the models read it, with a note if not all examples fit; None until known.

    All models of the page have the tokenizer and the context of the base.
    """
    if not shots:
        return few_shot_prompt(task, item, 0, SEED)
    model = next(iter(models.values()))
    fitting = ask(fitting_question(model, task, item, shots), "Counting tokens …")
    if fitting is None:
        return None
    if fitting.num_fewshot < shots:
        st.info(
            f"This model reads {fitting.block_size} tokens at once, its context. Of the {shots} "
            f"examples {fitting.num_fewshot} fit in whole, beside the question and its answer; "
            "the others are left out.",
            icon="✂️",
        )
    return few_shot_prompt(task, item, fitting.num_fewshot, SEED)


def one_question(models: Models, tasks: tuple[Task, ...], task: Task, group: str) -> None:
    """Show the exact prompt and every model's answer, then the question after other examples."""
    st.subheader("One question", anchor=False)
    item = choose_item(task, group)
    shots = choose_shots(task)
    try:
        prompt = read_prompt(models, task, item, shots)
        if prompt is None:
            return
        if task.decide == "ranked":
            show_pair(models, task, item, prompt)
            return
        st.markdown(
            "**The prompt, letter by letter.** The model continues it; nothing else tells it."
        )
        st.code(prompt.text, language=None, wrap_lines=True)
        contrasted = "base" in models and "other" in controls_of(task)
        ahead = fittings(models["base"], task, item) if contrasted else {}
        if show_odds(models, task, item, prompt, ahead.values()) and contrasted:
            st.subheader("The same question, other examples", anchor=False)
            same_question(models["base"], tasks, task, item)
    except TinylmError as error:
        problem(error)

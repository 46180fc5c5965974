"""One labelled example of a task, and what models answer to a question that no label mentions."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from tinylm.evaluation.prompts import answer_text, few_shot_prompt, solved
from tinylm.evaluation.tasks import Item, Task
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import ask_all
from ui.choosing import SEED, Models, best_checkpoints, odds_question
from ui.frame import literal
from ui.tables import small_table


def show_example(task: Task) -> None:
    """Show a labelled example letter by letter, and which part of it is the label."""
    item = task.train[0]
    st.markdown(
        "**One labelled example.** The model reads this text and learns to write its end, the "
        f"label: **{literal(answer_text(task, item).strip())}**."
    )
    st.code(solved(task, item).strip(), language=None, wrap_lines=True)


def before_and_after(base: RunRow, tuned: Mapping[str, RunRow]) -> Models:
    """The base and the runs of `tuned`, by the names that say how many labels each has seen."""
    names = {"base, before": base.id}
    for name, run in tuned.items():
        names[f"{name}, after {run.config.num_examples:,} labels"] = run.id
    return best_checkpoints(names)


def show_answers(task: Task, models: Models, key: str) -> None:
    """Show what each of `models`, by its name, answers to one held-out question.

    A button goes on to another question.
    """
    item = _question_of(task)
    prompt = few_shot_prompt(task, item, 0, SEED)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**One held-out question**: no label is about it. The right answer is "
            f"**{literal(item.answer)}**.",
            width="stretch",
        )
        st.button("Another question", on_click=_another, args=(task,), key=f"another-{key}")
    st.code(prompt.text.strip(), language=None, wrap_lines=True)
    asked = {name: odds_question(model, task, prompt) for name, model in models.items()}
    found = ask_all(asked, "The models are answering …")
    if found:
        small_table(
            [
                {"model": name, "answers": _marked(found[name].greedy, item)}
                for name in models
                if name in found
            ],
            key,
        )


def _marked(answer: str, item: Item) -> str:
    return f"{literal(answer) or 'nothing'} {'✓' if answer == item.answer else '✗'}"


def _place(task: Task) -> str:
    return f"{state.HELD_OUT}-{task.name}"


def _question_of(task: Task) -> Item:
    return task.test[int(st.session_state.get(_place(task), 0)) % len(task.test)]


def _another(task: Task) -> None:
    # Neighbours are of one kind, so a step of a prime number shows other kinds too.
    st.session_state[_place(task)] = int(st.session_state.get(_place(task), 0)) + 17

"""Look at a kept task: how it fits into a model, where to use it, how to take it away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.own_task import keys
from pages.own_task.bring import take
from tinylm.corpora.files.report import Cells, counted
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks.base import Task
from tinylm.evaluation.tasks.own.rows import check_rows, how_sure
from tinylm.evaluation.tasks.own.store import (
    Kept,
    as_csv,
    as_json,
    task_of,
)
from tinylm.evaluation.tasks.own.template import visible
from tinylm.questions.models import Fits, TaskFits
from tinylm.runs.store.rows import RunRow, shown_id
from ui import state
from ui.asking import ask, service
from ui.choosing import SEED, base_of_page
from ui.frame import FINETUNE, PROMPTS, TRANSFER, draw_anew, guarded, literal, then_all
from ui.own_tasks import what_to_expect
from ui.whose import offer_to_give

NAMED = 3  # rows that a sentence names
LONGEST = 60  # characters of each of them


def look_at(tasks: Sequence[Kept]) -> None:
    """Ask for one of the kept tasks, and show all about it."""
    by_name = {kept.name: kept for kept in tasks}
    if st.session_state.get(keys.CHOSEN) not in by_name:
        st.session_state[keys.CHOSEN] = tasks[0].name
    name = st.selectbox(
        "Task",
        list(by_name),
        format_func=lambda one: by_name[one].title,
        key=keys.CHOSEN,
        persist_state="session",
    )
    kept = by_name[name]
    task = task_of(kept)
    _figures(kept, task)
    st.subheader("Ask a model", anchor=False)
    base = base_of_page()
    if base is not None:
        _with_base(base, kept, task)
    st.subheader("Take it with you", anchor=False)
    _take_away(kept)


def _figures(kept: Kept, task: Task) -> None:
    held_out = len(kept.test)
    with st.container(horizontal=True):
        st.metric("For training", f"{len(kept.train):,}", border=True, width=160)
        st.metric("Held out for the test", f"{held_out:,}", border=True, width=200)
        if kept.kind == "classification":
            st.metric("Labels", f"{len(task.labels):,}", border=True, width=160)
    st.markdown(how_sure(held_out))
    prompt = few_shot_prompt(task, task.test[0], min(1, task.max_fewshot), SEED)
    st.markdown("**A prompt with one solved row, letter by letter**")
    st.code(visible(prompt.text), language=None, wrap_lines=True)


def _with_base(base: RunRow, kept: Kept, task: Task) -> None:
    best = service().best_step(base.id)
    if best is None:
        st.info("This model has no checkpoint yet: let it train a little longer.", icon="🔄")
        return
    fits = ask(Fits(base.id, best, task.name), "Counting tokens …")
    if fits is not None:
        _show_fit(fits, kept)
    with st.container(border=True):
        what_to_expect(task, base)
    query = {state.RUN: base.id, state.TASK: task.name}
    st.page_link(
        PROMPTS, label="**Ask it**, with and without examples", icon="💬", query_params=query
    )
    st.page_link(FINETUNE, label="**Fine-tune** on it", icon="🎯", query_params=query)
    st.page_link(
        TRANSFER, label="How many labels does pre-training save?", icon="🔁", query_params=query
    )


def _show_fit(fits: TaskFits, kept: Kept) -> None:
    st.markdown(fit_in_words(fits))
    if fits.prompt:
        st.markdown(f"The same prompt in the {len(fits.prompt)} tokens of this model:")
        st.code(" | ".join(map(visible, fits.prompt)), language=None, wrap_lines=True)
    if fits.too_long:
        named = ", ".join(f"“{literal(one[:LONGEST])}”" for one in fits.too_long[:NAMED])
        said = counted(len(fits.too_long), "row does", "rows do")
        st.warning(
            f"{said} not fit, such as {named}. This model can be asked the task once they are left "
            "out. Or train a model with a longer context.",
            icon="✂️",
        )
        st.button(
            "Make a task without these rows",
            on_click=then_all(shorten),
            args=(kept, fits.too_long),
        )


def fit_in_words(fits: TaskFits) -> str:
    """How the task fits into what the model reads at once, in a sentence with its figures."""
    said = (
        f"This model reads {fits.block_size:,} tokens at once, its context. The longest row with "
        f"its answer takes {fits.longest:,}."
    )
    if fits.examples:
        said += f" Of {fits.asked} examples, {fits.examples:.1f} fit before a question on average."
    return said


def shorten(kept: Kept, too_long: Sequence[str]) -> None:
    """Keep a task of the rows that fit, beside the old one, and choose it."""
    left_out = set(too_long)
    rows = [pair for pair in (*kept.train, *kept.test) if pair[0] not in left_out]
    new = service().keep_task(check_rows(rows), kept.kind, kept.template, kept.title)
    st.session_state[keys.CHOSEN] = new.name
    state.notice("The shorter task is kept beside the old one.")


def change(kept: Kept) -> None:
    """Take the rows of a task to make another one of them."""
    take(Cells(("input", "label"), (*kept.train, *kept.test)), kept.title)
    st.session_state[keys.VIEW] = keys.NEW


def _take_away(kept: Kept) -> None:
    name = shown_id(kept.name)  # the whole one would open the task
    with st.container(horizontal=True):
        st.download_button("Rows as CSV", as_csv(kept), f"{name}.csv", "text/csv")
        st.download_button("Task as JSON", as_json(kept), f"{name}.json", "application/json")
        st.button("Make another one of its rows", on_click=then_all(change), args=(kept,))
        if service().may_delete(kept.name) and st.button("Delete"):
            delete(kept.name, kept.title)
        offer_to_give(kept.name)


@guarded
def remove(name: str) -> None:
    """Delete a task, and show the list of the others."""
    service().delete_task(name)
    st.session_state.pop(keys.CHOSEN, None)
    st.session_state.pop(keys.VIEW, None)
    state.notice("The task is deleted.")


@st.dialog("Delete this task?")
@guarded
def delete(name: str, title: str) -> None:
    learned = service().num_readers(name)
    st.text(title)
    said = (
        "Everybody who works on this machine sees this task, and it goes for all of them. "
        if service().viewer.alone
        else ""
    ) + ("Its rows and texts go for good: take them with you first if you may need them again.")
    if learned:
        said += (
            f" {counted(learned, 'model', 'models')} learned it. They stay and can write, but "
            "nobody can measure them on it any more."
        )
    st.markdown(said)
    with st.container(horizontal=True):
        if st.button("Delete for good", type="primary", on_click=remove, args=(name,)):
            draw_anew()
        if st.button("Keep it"):
            draw_anew()

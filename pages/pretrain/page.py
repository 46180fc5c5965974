"""Train a tiny GPT live: choose a time, predict, watch it learn."""

from __future__ import annotations

import streamlit as st

from pages.pretrain import address, keys
from pages.pretrain.draw_it import judge
from pages.pretrain.form import setup
from pages.pretrain.happened import own_words, what_happened
from pages.pretrain.live import reading, watch, watch_details
from pages.pretrain.pair import pair_of, watch_pair
from pages.pretrain.text_form import unusual
from pages.pretrain.train_again import again
from tinylm.errors import TinylmError
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import look_inside
from ui.elsewhere import trained_here
from ui.frame import (
    FINETUNE,
    OWN_TASK,
    PROMPTS,
    RUNS,
    STATUS_WORDS,
    draw_anew,
    heading,
    literal,
    problem,
)

TITLE = "Pre-train"
LEAD = (
    "It learns one thing: to **predict the next piece of a text**. The model reads text in small "
    "batches. After each batch its weights, the numbers that it learns, move a little, so that "
    "what really came next gets better odds."
)


def verdict(run: RunRow) -> None:
    """Judge what the learner drew for a run, once it is done."""
    told = service().told(run.id)
    if run.status == "done" and told.started:
        judge(run, told.evals, told.started.vocab_size)


def finished(*runs: RunRow) -> None:
    """Keep that this learner has seen an own training that is over."""
    if all(
        run.kind == "pretrain" and run.status == "done" and service().is_mine(run.owner)
        for run in runs
    ):
        state.keep_once(keys.SEEN_TRAINED)


def another(label: str) -> None:
    if st.button(label, key="train-another"):
        state.show_run("")
        draw_anew()


def last_run() -> None:
    """A button that leads to the learner's run that trains just now, or else to the last one."""
    mine = [run for run in service().runs("pretrain") if run.owner == state.learner()]
    shown = next((run for run in mine if run.active), next(iter(mine), None))
    if shown is None:
        return
    which = "A run of yours trains now" if shown.active else "Your last run"
    which = "A run of yours waits" if shown.status == "queued" else which
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{which}:** {literal(shown.title)} ({STATUS_WORDS[shown.status]})")
        st.button("Show it", key="last-run", on_click=state.show_run, args=(shown.id,))


def next_steps(run: RunRow) -> None:
    query = {state.RUN: run.id}
    if run.kind == "finetune":
        st.page_link(FINETUNE, label="**Compare it**", icon="🎯", query_params=query)
        look_inside(run)
    elif run.status in ("done", "stopped") and run.tokens_seen:
        if service().tasks_for(run.corpus):
            st.success("Trained. Now find out what it can do without any training for it.")
            st.page_link(PROMPTS, label="**Prompt it**", icon="💬", query_params=query)
        else:
            st.markdown(
                "Trained. This text has no tables, so no task asks for its facts. What the model "
                "makes of a sentence can be seen all the same."
            )
            st.page_link(OWN_TASK, label="Bring **a task of your own**", icon="📋")
        look_inside(run)
    if run.status in ("done", "stopped") and run.tokens_seen:
        st.page_link(RUNS, label="**Take it home**", icon="🎒", query_params=query)
    another("Train another")


if address.asks():
    state.show_run("")
run_id = state.run_or_form("pretrain")
if not run_id:
    heading(TITLE, LEAD)
    last_run()
    setup()
else:
    try:
        current = trained_here(run_id)
    except TinylmError as error:
        heading(TITLE, LEAD)
        problem(error)
        st.page_link(RUNS, label="See all runs", icon="🗂️")
        state.show_run("")
        setup()
    else:
        state.show_run(run_id)
        other = pair_of(current)
        if other is not None:
            heading(TITLE, "Two runs that differ in **one setting**: what does it change?")
            watch_pair(current, other)
            finished(current, other)
            another("Train others")
        else:
            watch(current, TITLE)
            if said := unusual(current.config):
                st.markdown(said)
            if not current.active and current.kind == "pretrain":
                what_happened(current, *reading(current))
                own_words(current)
            verdict(current)
            finished(current)
            next_steps(current)
            watch_details(current)
            again(current)

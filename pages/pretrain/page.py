"""Train a tiny GPT live: choose a time, predict, watch it learn."""

from __future__ import annotations

import streamlit as st

from pages.pretrain.draw_it import judge
from pages.pretrain.form import setup
from pages.pretrain.learned import by_heart
from pages.pretrain.live import watch, watch_details
from pages.pretrain.pair import pair_of, watch_pair
from pages.pretrain.train_again import again
from tinylm.corpora import world_of
from tinylm.errors import TinylmError
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import look_inside
from ui.frame import FINETUNE, PROMPTS, RUNS, draw_anew, heading, problem

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


def another(label: str) -> None:
    if st.button(label, key="train-another"):
        state.show_run("")
        draw_anew()


def next_steps(run: RunRow) -> None:
    query = {state.RUN: run.id}
    if run.kind == "finetune":
        st.page_link(FINETUNE, label="**Compare it**", icon="🎯", query_params=query)
        look_inside(run)
    elif run.status in ("done", "stopped") and run.tokens_seen:
        heart = by_heart(run, service().told(run.id).evals)
        if heart:
            st.warning(heart, icon="📖")
        if world_of(run.corpus) is None:
            st.markdown("This text has no tables, so there are no tasks that ask for its facts.")
        else:
            if not heart:
                st.success("Trained. Now find out what it can do without any training for it.")
            st.page_link(PROMPTS, label="**Prompt it**", icon="💬", query_params=query)
        look_inside(run)
    another("Train another")


run_id = state.run_or_form("pretrain")
if not run_id:
    heading(TITLE, LEAD)
    setup()
else:
    try:
        current = service().run(run_id)
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
            another("Train others")
        else:
            watch(current, TITLE)
            verdict(current)
            next_steps(current)
            watch_details(current)
            again(current)

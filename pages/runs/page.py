"""All runs: compare, open, rename and delete them."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from pages.runs.foreign import about_foreign, open_foreign
from pages.runs.listed import listed, row
from pages.runs.taken import take_away, take_home
from tinylm.config import ELSEWHERE
from tinylm.errors import NotFound
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import pick_run
from ui.compare import compare
from ui.elsewhere import how_to_bring
from ui.frame import (
    INSIDE,
    PRETRAIN,
    PROMPTS,
    draw_anew,
    file_size,
    guarded,
    heading,
)
from ui.whose import offer_to_give, say_whose
from ui.widgets import within


def table(runs: list[RunRow]) -> RunRow:
    """Show all runs and return the selected one.

    At first this is the run that was looked at last, or else the newest.
    """
    number = st.column_config.NumberColumn
    chosen = st.dataframe(
        [row(run) for run in runs],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="runs-table",
        column_config={
            "val loss": number(format="%.3f", help="Nats per token."),
            "perplexity": number(format="%.2f", help="exp(val loss)"),
            "bits per byte": number(format="%.3f", help="Compares across vocabularies."),
            "tokens": number(format="localized", help="Tokens trained on."),
        },
        alt="All runs, newest first",
    )
    rows = chosen.selection.rows
    ids = [run.id for run in runs]
    newest = ids.index(state.current_run()) if state.current_run() in ids else 0
    index = rows[0] if rows and rows[0] < len(runs) else newest
    return pick_run("Run", runs, index) or runs[index]


def actions(run: RunRow) -> None:
    """Show buttons that open, prompt, inspect, rename or delete this run."""
    with st.container(horizontal=True):
        if run.kind == ELSEWHERE:
            open_foreign(run)
        elif st.button("Open", type="primary"):
            state.show_run(run.id)
            st.switch_page(PRETRAIN, query_params={state.RUN: run.id})
        if run.kind == "pretrain" and st.button("Prompt it"):
            state.show_run(run.id)
            st.switch_page(PROMPTS, query_params={state.RUN: run.id})
        if run.kind == "pretrain" and st.button("Look inside"):
            state.show_run(run.id)
            st.switch_page(INSIDE, query_params={state.RUN: run.id})
        if service().may_change(run):
            if st.button("Rename"):
                rename(run.id, run.title)
            if st.button("Delete"):
                delete(run.id, run.title)
            offer_to_give(run)
    say_whose(run)


@st.dialog("Rename this run")
@guarded
def rename(run_id: str, title: str) -> None:
    new = within(st.text_input("Title", value=title), 80)
    if st.button("Rename", type="primary", key="rename-now"):
        service().rename(run_id, new)
        draw_anew()


@guarded
def remove(run_id: str) -> None:
    with suppress(NotFound):  # it was a second click, or somebody else deleted it
        service().delete(run_id)
    if state.current_run() == run_id:
        state.show_run("")
    state.notice("The run is deleted.")


@st.dialog("Delete this run?")
@guarded
def delete(run_id: str, title: str) -> None:
    try:
        size = file_size(service().disk_usage(run_id))
    except NotFound:  # the run is gone, so this dialog should close
        draw_anew()
    st.text(title)
    st.markdown(
        f"Its model, checkpoints and curve go for good and free {size}. Runs that were "
        "fine-tuned from it stay, but can no longer be compared with it."
    )
    with st.container(horizontal=True):
        if st.button("Delete for good", type="primary", on_click=remove, args=(run_id,)):
            draw_anew()
        if st.button("Keep it"):
            draw_anew()


heading(
    "Runs",
    "Everything that was trained here, newest first."
    if service().viewer.alone
    else "Everything that you trained, and what belongs to the whole class, newest first.",
)
all_runs = listed()
if not all_runs:
    st.info("Nothing was trained yet: the first run takes about a minute.", icon="🌱")
    st.page_link(PRETRAIN, label="**Train the first one**", icon="📉")
else:
    picked = table(all_runs)
    actions(picked)
    if picked.kind == ELSEWHERE:
        about_foreign(picked)
    else:
        take_home(picked)
        take_away(picked)
    used = file_size(service().disk_usage())
    mine = sum(service().is_mine(run.owner) for run in all_runs)
    count = "1 run uses" if mine == 1 else f"{mine} runs use"
    st.markdown(f"{count} {used} on this computer.")
    compare([run for run in all_runs if run.kind != ELSEWHERE])
how_to_bring()

"""The models that stand side by side: untrained, base, fine-tuned, scratch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from tinylm.corpora import info
from tinylm.errors import TinylmError
from tinylm.evaluation.prompts import Prompt
from tinylm.evaluation.tasks import Task
from tinylm.questions.models import NextToken, Score
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.frame import INSIDE, PRETRAIN, RUNS, problem

Checkpoint = tuple[str, int]  # a run id, a step
Models = dict[str, Checkpoint]  # by name

SEED = 1  # of the examples drawn into prompts: the same for all models
NONE = ""


def base_runs() -> list[RunRow]:
    """Pre-trained runs that have learned something, newest first."""
    return [run for run in service().runs("pretrain") if run.tokens_seen]


def choose_base(runs: list[RunRow]) -> RunRow:
    """One of `runs`; the one in the address bar, or looked at last, comes first."""
    current = state.current_run()
    tuned_from = {run.id: run.parent for run in service().runs("finetune")}
    ids = [run.id for run in runs]
    first = tuned_from.get(current, current)
    note = "A run of pre-training; untrained is the same model before its first step."
    picked = pick_run("Base model", runs, ids.index(first) if first in ids else 0, note)
    state.show_run(picked.id)
    return picked


def pick_run(label: str, runs: list[RunRow], index: int, note: str = "") -> RunRow:
    """One of `runs` by its title; at first the one at `index`."""
    titles = run_titles(runs)
    picked = st.selectbox(
        label, list(titles), index=index, format_func=titles.__getitem__, help=note or None
    )
    return runs[list(titles).index(picked)]


def run_titles(runs: list[RunRow]) -> dict[str, str]:
    """What runs are called where one is chosen, by id."""
    return {run.id: f"{run.title} · {run.id}" for run in runs}


def compare_with(base: RunRow) -> Models:
    """The base, the same before training, and its newest fine-tuned and scratch runs."""
    models: Models = {"untrained": (base.id, 0)} | last_checkpoints({"base": base.id})
    tuned = [r for r in service().runs("finetune") if r.parent == base.id and r.status == "done"]
    if not tuned:
        return models
    with st.expander("Fine-tuned models to compare with"):
        for name, init, key in (
            ("fine-tuned", "base", state.FINE_TUNED),
            ("scratch", "random", state.SCRATCH),
        ):
            fitting = [run for run in tuned if run.config.init == init]
            picked = _choose_tuned(name, fitting, f"{key}-{base.id}")
            models |= last_checkpoints({name: picked} if picked else {})
    return models


def last_checkpoints(runs: Mapping[str, str]) -> Models:
    """The last checkpoint of each of these runs (ids by name) that has one."""
    saved = {name: service().checkpoints(run_id) for name, run_id in runs.items()}
    return {name: (runs[name], steps[-1]) for name, steps in saved.items() if steps}


def _choose_tuned(name: str, runs: list[RunRow], key: str) -> str:
    if not runs:
        return NONE
    titles = run_titles(runs) | {NONE: "none"}
    return st.selectbox(
        name.capitalize(),
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        persist_state="session",
    )


def choose_task(tasks: Sequence[Task], key: str, first: str = "") -> Task:
    """A task by its title; at first the one called `first`, where it is among them."""
    by_name = {task.name: task for task in tasks}
    name = st.selectbox(
        "Task",
        list(by_name),
        index=list(by_name).index(first) if first in by_name else 0,
        format_func=lambda one: by_name[one].title,
        key=key,
        persist_state="session",
    )
    return by_name[name]


def score_question(model: Checkpoint, task: Task, group: str, shots: int) -> Score:
    """Accuracy of a model on all held-out items of a task (of one group)."""
    return Score(*model, task.name, shots, group=group, seed=SEED)


def odds_question(model: Checkpoint, task: Task, prompt: Prompt) -> NextToken:
    """How probable each allowed answer is after a prompt, and the greedy answer."""
    return NextToken(*model, prompt.text, top=8, choices=tuple(prompt.choices), end=task.after)


def base_of_page() -> RunRow | None:
    """The base that a page works with; None, once it is said, where nothing is trained yet."""
    runs = base_runs()
    forget_lost_run()
    if not runs:
        st.info("There is no trained model yet: a first one takes about a minute.", icon="🌱")
        st.page_link(PRETRAIN, label="**Train a model**", icon="📉")
        return None
    base = choose_base(runs)
    look_inside(base)
    return base


def forget_lost_run() -> None:
    """An address that names no run any more is said in a sentence, and the rest goes on."""
    asked = state.current_run()
    if asked:
        try:
            service().run(asked)
        except TinylmError as error:
            problem(error)
            st.page_link(RUNS, label="See all runs", icon="🗂️")
            state.show_run("")


def look_inside(run: RunRow, which: str = "") -> None:
    """The way from a run to the page that looks into it; a fine-tuned one leads to its base.

    `which` tells it from other runs on the same page, in Markdown.
    """
    st.page_link(
        INSIDE,
        label=f"Look **inside it**{which}",
        icon="🔬",
        query_params={state.RUN: run.parent if run.kind == "finetune" else run.id},
    )


def corpus_words(name: str) -> str:
    """What a corpus is called in the title of a run: a name made of a hash says nothing."""
    return info(name, service().home).title[:60] if "-" in name else name

"""Choosing runs, tasks, and the models to compare: untrained, base, fine-tuned and scratch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from tinylm.config import RunConfig
from tinylm.errors import NotFound, TinylmError
from tinylm.evaluation.prompts import Prompt
from tinylm.evaluation.tasks import Item, Task, is_own
from tinylm.questions.models import Fitting, NextToken, Score
from tinylm.runs.store.rows import RunRow, shown_id
from ui import state
from ui.asking import service
from ui.bases import first_choice
from ui.differing import named
from ui.frame import INSIDE, PRETRAIN, RUNS, draw_anew, problem
from ui.whose import say_whose

Checkpoint = tuple[str, int]  # a run id and a step
Models = dict[str, Checkpoint]  # checkpoints by the name of the model

SEED = 1  # for drawing the examples of prompts, so that all models get the same ones
NONE = ""


def base_runs() -> list[RunRow]:
    """The pre-training runs that have read at least some tokens, newest first."""
    return [run for run in service().runs("pretrain") if run.tokens_seen]


def with_linked(runs: list[RunRow]) -> list[RunRow]:
    """`runs`, and at their end the run that the address names, or its base, if it is another's."""
    shown = state.current_run()
    if not shown or service().viewer.alone:
        return runs
    try:
        run = service().run(_base_of(shown))
    except TinylmError:  # `forget_lost_run` says so
        return runs
    is_new = run.tokens_seen and run.id not in {one.id for one in runs}
    return [*runs, run] if is_new else runs


def _base_of(run_id: str) -> str:
    """The base of a fine-tuned run; for any other id, the same id."""
    try:
        run = service().run(run_id)
    except TinylmError:
        return run_id
    return run.parent if run.kind == "finetune" else run_id


def choose_base(runs: list[RunRow], label: str = "Base model") -> RunRow | None:
    """Ask for one of `runs`, and say why the first choice is what it is (ui/bases.py).

    For a fine-tuned run, it is its base. None if no run is fit and none was chosen yet.
    """
    runs = with_linked(runs)
    current = state.current_run()
    looked_at = _base_of(current)
    asked = looked_at if state.is_chosen(current) else ""
    first, why = first_choice(runs, state.learner(), asked, looked_at)
    ids = [run.id for run in runs]
    note = "A run of pre-training; untrained is the same model before its first step."
    place = ids.index(first.id) if first else None
    picked = pick_run(label, runs, place, note)
    if picked is None:
        st.info(
            "None of these runs is chosen for you: a lesson needs one that has finished, on the "
            "whole text of the made world. Choose one yourself, or train one: it takes a minute.",
            icon="🌱",
        )
        st.page_link(PRETRAIN, label="**Train a model**", icon="📉")
        return None
    if first is None or picked.id != first.id:
        state.choose_run(picked.id)
        draw_anew()
    st.markdown(f":small[{why}]")
    say_whose(picked, of_class=False)
    state.show_run(picked.id)
    return picked


def pick_run(label: str, runs: list[RunRow], index: int | None, note: str = "") -> RunRow | None:
    """Ask for one of `runs` by its title; at first it is the one at `index`, or none."""
    titles = run_titles(runs)
    picked = st.selectbox(
        label,
        list(titles),
        index=index,
        format_func=titles.__getitem__,
        help=note or None,
        placeholder="Choose a run",
    )
    return None if picked is None else runs[list(titles).index(picked)]


def run_titles(runs: list[RunRow]) -> dict[str, str]:
    """The names of runs in a list to choose from, by run id."""
    return {run.id: f"{run.title} · {shown_id(run.id)}" for run in runs}


def compare_with(base: RunRow) -> Models:
    """The untrained and the trained base, and a fine-tuned and a scratch run if there are any.

    At first these are the newest ones; the learner may choose others.
    """
    models: Models = {"untrained": (base.id, 0)} | best_checkpoints({"base": base.id})
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
            models |= best_checkpoints({name: picked} if picked else {})
    return models


def best_checkpoints(runs: Mapping[str, str]) -> Models:
    """The best checkpoint of each run that has one, by name; `runs` maps names to run ids.

    That is `Service.best_step`: in pre-training the one with the best validation, usually the last.
    """
    steps = {name: service().best_step(run_id) for name, run_id in runs.items()}
    return {name: (runs[name], step) for name, step in steps.items() if step is not None}


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


def tasks_of(corpus: str) -> tuple[Task, ...]:
    """The tasks that a model of this corpus can be asked: those of the corpus, and the learner's.

    An own task that an address named is there as well, whosever it is, until the session ends.
    """
    asked = st.query_params.get(state.TASK, "")
    if is_own(asked):
        st.session_state[state.LINKED_TASK] = asked
    return service().tasks_for(corpus, str(st.session_state.get(state.LINKED_TASK, "")))


def choose_task(tasks: Sequence[Task], key: str, first: str = "") -> Task:
    """Ask for a task by its title; at first it is the one named `first`, if that is among them.

    A task that the address names is chosen.
    """
    by_name = {task.name: task for task in tasks}
    asked = st.query_params.pop(state.TASK, "")
    if asked in by_name:
        st.session_state[key] = asked
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
    """The question for a model's score on all held-out items of a task, or of one group of it."""
    return Score(*model, task.name, shots, group=group, seed=SEED)


def fitting_question(
    model: Checkpoint, task: Task, item: Item, shots: int, control: str = ""
) -> Fitting:
    """The question how many of the examples a model can read before a held-out item."""
    place = task.test.index(item)
    return Fitting(*model, task.name, place, shots, seed=SEED, control=control)


def odds_question(model: Checkpoint, task: Task, prompt: Prompt) -> NextToken:
    """The question for the greedy answer to a prompt and the probability of each allowed one."""
    return NextToken(*model, prompt.text, top=8, choices=tuple(prompt.choices), end=task.after)


def base_of_page() -> RunRow | None:
    """Ask for the base that a page works with; None, with a note, if nothing is trained yet."""
    forget_lost_run()
    runs = with_linked(base_runs())
    if not runs:
        st.info("There is no trained model yet: a first one takes about a minute.", icon="🌱")
        st.page_link(PRETRAIN, label="**Train a model**", icon="📉")
        return None
    base = choose_base(runs)
    if base is not None:
        look_inside(base)
    return base


def forget_lost_run() -> None:
    """If the run in the address bar no longer exists, say so and take it out of the address."""
    asked = state.current_run()
    if asked:
        try:
            service().run(asked)
        except TinylmError as error:
            problem(error)
            st.page_link(RUNS, label="See all runs", icon="🗂️")
            state.show_run("")


def look_inside(run: RunRow, which: str = "") -> None:
    """Show a link to the page that looks into a run, or into its base if it is fine-tuned.

    `which` is Markdown that distinguishes the link from those of other runs on the page.
    """
    st.page_link(
        INSIDE,
        label=f"Look **inside it**{which}",
        icon="🔬",
        query_params={state.RUN: run.parent if run.kind == "finetune" else run.id},
    )


def difference(first: RunConfig, other: RunConfig) -> str:
    """How `other` differs from `first` in words, with the title of a corpus (ui/differing.py)."""
    return named(first, other, corpus_words)


def corpus_words(name: str) -> str:
    """A corpus in the title of a run: its title if the name is made of a hash, else its name."""
    if "-" not in name:
        return name
    try:
        return service().corpus(name).title[:60]
    except NotFound:
        return f"a text that was deleted ({name})"

"""Models that were made elsewhere: what is known of them, and how a page lays one beside another.

They are no bases of a lesson, and no default of anything: a learner has to choose them.
"""

from __future__ import annotations

import streamlit as st

from tinylm.config import ELSEWHERE, RunConfig
from tinylm.errors import BadRequest, TinylmError
from tinylm.memory import num_parameters
from tinylm.origin import STEP, Origin, read_origin
from tinylm.runs.store.rows import RunRow, shown_id
from ui import state
from ui.asking import service
from ui.frame import literal, problem

NAME = "made elsewhere"  # of such a model in tables and charts
NONE = ""
COMMAND = 'tinylm import FILE.gguf --title "Its name"'
WHAT_IS_LEFT_OUT = (
    "It cannot be fine-tuned here, and it has no curve and no earlier steps: its training took "
    "place somewhere else, and tinylm trains only its own kind of GPT."
)


def elsewhere_runs() -> list[RunRow]:
    """The imported models, newest first."""
    return service().runs(ELSEWHERE)


def trained_here(run_id: str) -> RunRow:
    """A run whose training can be watched. Raises BadRequest for another one, and NotFound."""
    run = service().run(run_id)
    if run.kind == ELSEWHERE:
        raise BadRequest(
            f"{run.title!r} was made elsewhere, so there is no training to watch: prompt it or "
            "look inside it, from the Runs page."
        )
    return run


def origin_of(run: RunRow) -> Origin | None:
    """Where a model comes from; None, with the sentence why, where that is lost."""
    try:
        return read_origin(service().run_dir(run.id))
    except TinylmError as error:
        problem(error)
        return None


def described(run: RunRow, origin: Origin, beside: RunConfig | None = None) -> str:
    """Markdown: how large a model is, beside one that was trained here."""
    shape = run.config.model
    said = (
        f"**{literal(run.title)}** was made elsewhere. It has **{origin.parameters:,} parameters** "
        f"in {shape.n_layer} layers of {shape.n_head} heads, and its own vocabulary of "
        f"{shape.vocab_size:,} tokens."
    )
    if beside is not None:
        ours = num_parameters(beside.model)
        said += f" That is {origin.parameters / ours:,.0f} times the {ours:,} parameters of yours."
    return said


def choose_beside(base: RunRow) -> dict[str, tuple[str, int]]:
    """Ask for a model from elsewhere to lay beside the base; without one, nothing is asked.

    Returns it by its name, as a run and a step.
    """
    runs = {run.id: run for run in elsewhere_runs()}
    if not runs:
        return {}
    if st.session_state.get(state.ELSEWHERE, NONE) not in (NONE, *runs):
        del st.session_state[state.ELSEWHERE]
    asked = st.query_params.pop(state.ELSEWHERE, NONE)
    if asked in runs:
        st.session_state[state.ELSEWHERE] = asked
    picked = st.selectbox(
        "Lay a model from elsewhere beside yours",
        [NONE, *runs],
        format_func=lambda one: f"{runs[one].title} · {shown_id(one)}" if one else "none",
        key=state.ELSEWHERE,
        persist_state="session",
    )
    if not picked:
        return {}
    origin = origin_of(runs[picked])
    if origin is None:
        return {}
    st.markdown(
        f"{described(runs[picked], origin, base.config)} It answers the single question and "
        "continues your own text. The experiments on this page ask your own models only, because "
        "many questions to so large a model take very long."
    )
    return {NAME: (picked, STEP)}


def chosen_beside() -> dict[str, tuple[str, int]]:
    """The model that was chosen to lie beside the base, further up on the page."""
    picked = str(st.session_state.get(state.ELSEWHERE, NONE))
    return {NAME: (picked, STEP)} if picked else {}


def how_to_bring() -> None:
    """Say, folded, how a model from elsewhere gets onto the list of runs."""
    with st.expander("Bring a model from elsewhere", icon="📦"):
        st.markdown(
            "A small language model that others have trained can stand beside yours. It is "
            "prompted and measured by the same questions, and you can look inside it. Whoever "
            "runs tinylm imports it with one command, from a **GGUF** file or from a folder for "
            "Hugging Face's *transformers*; both are common forms in which models are shared."
        )
        st.code(COMMAND, language="bash")
        st.markdown(
            "There is no upload on this page. Such a file is large, and on the "
            "machine of a class one person should decide which files are opened. A folder that "
            "wants to run code of its own is refused. An export of a run of yours comes back by "
            "the same command, with the same weights."
        )

"""Look into a model at any step of its training."""

from __future__ import annotations

import streamlit as st

from pages.inside import keys
from pages.inside.copying_heads import copying_view
from pages.inside.views import attention_view, lens_view, map_view, odds_view
from pages.inside.writing import write_view
from tinylm.inside.source import sources
from tinylm.questions.inside import Inspect
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import ask, service
from ui.choosing import base_runs, choose_base, forget_lost_run
from ui.frame import PRETRAIN, guarded, heading
from ui.widgets import segments, within

VIEWS = {
    "odds": "Odds",
    "attention": "Attention",
    "lens": "Layer by layer",
    "map": "Map of words",
    "copying": "Heads that copy",
    "write": "Token by token",
}
OF_THE_TEXT = {"odds": odds_view, "attention": attention_view, "lens": lens_view}
TEXT = "The capital of France is"


def choose_step(steps: list[int]) -> int:
    """Ask for a checkpoint with a slider and return its step; at first it is the last one."""
    kept = st.session_state.get(keys.INSIDE_STEP)
    if kept is not None and kept not in steps:
        del st.session_state[keys.INSIDE_STEP]
    if keys.INSIDE_STEP not in st.session_state:
        st.session_state[keys.INSIDE_STEP] = steps[-1]
    step = st.select_slider(
        "The model as it was at step",
        steps,
        format_func=lambda one: f"{one:,}" if one else "0 (untrained)",
        key=keys.INSIDE_STEP,
        persist_state="session",
    )
    return int(step or 0)


@guarded
def look(run: RunRow, steps: list[int]) -> None:
    """Show the text input, the slider over the checkpoints, and one view."""
    text = st.text_input("Your text", TEXT, key=keys.INSIDE_TEXT, persist_state="session")
    text = within(text, 400)
    step = choose_step(steps)
    view = segments("View", list(VIEWS), "odds", key=keys.INSIDE_VIEW, names=VIEWS.__getitem__)
    if view in OF_THE_TEXT:
        found = ask(Inspect(run.id, step, text), "Looking inside …")
        if found is not None:
            OF_THE_TEXT[view](found)
            if keys.LOOKED_INSIDE not in state.answers():
                state.keep_answer(keys.LOOKED_INSIDE, True)
    elif view == "map":
        map_view(run, step, steps[-1])
    elif view == "copying":
        copying_view(run, steps)
    else:
        write_view(run, step, text)
    lines_behind(view)


def lines_behind(view: str) -> None:
    """Show the lines of this program that compute the view; they are read only when opened."""
    opened = st.expander("The lines that compute this", on_change="rerun", key="inside-lines")
    if opened.open:
        for one in sources(view):
            opened.markdown(f"`{one.path}:{one.first}-{one.last}`")
            opened.code(one.text, language="python")


heading(
    "Inside",
    "The same text, read by the model as it was at any step of its training: what it expects, "
    "where it looks, and what each of its layers knows.",
)
forget_lost_run()
runs = [run for run in base_runs() if service().checkpoints(run.id)]
if not runs:
    st.info("There is no trained model yet: a first one takes about a minute.", icon="🔬")
    st.page_link(PRETRAIN, label="**Train one**", icon="📉")
else:
    base = choose_base(runs)
    if base is not None:
        look(base, sorted({0, *service().checkpoints(base.id)}))

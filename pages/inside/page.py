"""Look into a model at any step of its training."""

from __future__ import annotations

import streamlit as st

from pages.inside import keys, views_seen
from pages.inside.copying_heads import copying_view
from pages.inside.expecting import odds_view
from pages.inside.made_elsewhere import look_at_foreign
from pages.inside.patching import patch_view
from pages.inside.views import attention_view, lens_view, map_view
from pages.inside.writing import write_view
from tinylm.config import ELSEWHERE
from tinylm.inside.source import sources
from tinylm.questions.inside import Inspect, Inspection
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import ask, service
from ui.choosing import base_runs, choose_base, forget_lost_run, with_linked
from ui.elsewhere import elsewhere_runs
from ui.frame import PRETRAIN, guarded, heading
from ui.widgets import segments, within

TITLES = ("What comes next", "Where it looks", "Map of words", "Token by token")
VIEWS = dict(zip(keys.VIEWS, TITLES, strict=True))
ADVANCED = {"lens": "Layer by layer", "copying": "Heads that copy", "patch": "Patch a head"}
TEXT = "The capital of France is"


def step_name(step: int, best: int) -> str:
    """How the slider names a step; `best` is the one to be named the best, or -1."""
    if not step:
        return "0 (untrained)"
    return f"{step:,} (best on text it never read)" if step == best else f"{step:,}"


def choose_step(steps: list[int], best: int) -> int:
    """Ask for a checkpoint with a slider and return its step; at first it is the best one."""
    kept = st.session_state.get(keys.INSIDE_STEP)
    if kept is not None and kept not in steps:
        del st.session_state[keys.INSIDE_STEP]
    if keys.INSIDE_STEP not in st.session_state:
        st.session_state[keys.INSIDE_STEP] = best
    step = st.select_slider(
        "The model as it was at step",
        steps,
        format_func=lambda one: step_name(one, best if best != steps[-1] else -1),
        key=keys.INSIDE_STEP,
        persist_state="session",
    )
    return int(step or 0)


@guarded
def look(run: RunRow, steps: list[int]) -> None:
    """Show the text input, the slider over the checkpoints, and one view."""
    text = st.text_input("Your text", TEXT, key=keys.INSIDE_TEXT, persist_state="session")
    text = within(text, 400)
    step = choose_step(steps, service().best_step(run.id) or steps[-1])
    view = segments("View", list(VIEWS), "odds", key=keys.INSIDE_VIEW, names=VIEWS.__getitem__)
    if view == "map":
        shown = map_view(run, step, steps[-1])
    elif view == "write":
        shown = write_view(run, step, text)
    elif found := inspected(run, step, text):
        shown = True
        if view == "odds":
            odds_view(run, step, found)
        else:
            attention_view(found)
    else:
        shown = False
    if shown:
        keep_seen(view)
    advanced(run, steps, step, text, view)


def inspected(run: RunRow, step: int, text: str) -> Inspection | None:
    """What the model does with the text; None until a worker has answered."""
    return ask(Inspect(run.id, step, text), "Looking inside …")


def keep_seen(view: str) -> None:
    """Keep that this learner has seen a view."""
    known = views_seen(state.answers())
    seen = [one for one, ready in zip(keys.VIEWS, known, strict=True) if ready]
    if view not in seen:
        state.keep_answer(keys.LOOKED_INSIDE, [*seen, view])


def advanced(run: RunRow, steps: list[int], step: int, text: str, view: str) -> None:
    """Further views, and the lines of this program behind them; computed only when opened."""
    opened = st.expander("Advanced", on_change="rerun", key=keys.INSIDE_ADVANCED, icon="🔧")
    if not opened.open:
        return
    with opened:
        names = {"lines": "The lines that compute the view above"} | ADVANCED
        more = segments(
            "Look closer", list(names), "lens", key=keys.INSIDE_MORE, names=names.__getitem__
        )
        if more == "copying":
            copying_view(run, steps)
        elif more == "patch":
            patch_view(run, step)
        elif more == "lens" and (found := inspected(run, step, text)):
            lens_view(found)
        lines_behind(view if more == "lines" else more)


def lines_behind(view: str) -> None:
    """Show the lines of this program that compute the view."""
    st.markdown("**The lines of this program that compute it**")
    for one in sources(view):
        st.markdown(f"`{one.path}:{one.first}-{one.last}`")
        st.code(one.text, language="python")


heading(
    "Inside",
    "What goes on in a model before it writes a word? Give it a text. Then move the slider, and "
    "see what the **same model** expected earlier in its training.",
)
forget_lost_run()
runs = [run for run in with_linked(base_runs()) if service().checkpoints(run.id)]
runs += [run for run in elsewhere_runs() if run.id not in {one.id for one in runs}]
if not runs:
    st.info("There is no trained model yet: a first one takes about a minute.", icon="🔬")
    st.page_link(PRETRAIN, label="**Train one**", icon="📉")
else:
    base = choose_base(runs)
    if base is not None and base.kind == ELSEWHERE:
        look_at_foreign(base, TEXT)
    elif base is not None:
        look(base, sorted({0, *service().checkpoints(base.id)}))

"""The board: everyone's curve in one picture, who is where, and the runs that can be steered."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from statistics import median

import streamlit as st

from pages.registry import (
    EXPERIMENTS,
    EXPERIMENTS_PATH,
    LESSONS,
    OWN_TASK_PATH,
    RUNS_PATH,
    YOU_PATH,
)
from pages.teacher import keys
from pages.teacher.charts import class_curves
from pages.teacher.reading import look
from tinylm.corpora.files.report import counted
from tinylm.errors import NotFound
from tinylm.runs.board import Board, Line, Seat
from tinylm.runs.store.line import PAUSED
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.frame import PRETRAIN, STATUS_WORDS, duration, guarded, then_all
from ui.plot import live_plot
from ui.style import sized

TICK = 1.0  # seconds between two looks at the board
# Of the part with the buttons: no multiple of TICK, because two parts that run at the same moment
# would cut each other off.
STEER_TICK = 3.3
HEIGHT = 420  # pixels of the chart
PLACES = {one.name: one.title for one in (*LESSONS, *EXPERIMENTS)} | {
    "": "Start",
    "start": "Start",
    EXPERIMENTS_PATH: "Experiments",
    OWN_TASK_PATH: "Your own task",
    RUNS_PATH: "Runs",
    YOU_PATH: "You",
}


def board() -> None:
    """Show the class as it is now, again and again, and the buttons below it."""

    @st.fragment(run_every=TICK)
    @guarded
    def show() -> None:
        now = look()
        st.markdown(in_words(now))
        if now.lines:
            live_plot(
                class_curves(now.lines),
                key="class-curves",
                label=f"The loss of {len(now.lines)} learners' runs over their steps",
                height=sized(HEIGHT),
            )
        if now.seats:
            st.dataframe(
                [row(seat) for seat in sorted(now.seats, key=lambda one: one.away)],
                hide_index=True,
                key="class-table",
                alt="Everybody in the class: page, training, loss and best score",
            )

    @st.fragment(run_every=STEER_TICK)
    @guarded
    def buttons() -> None:
        steer(look())

    show()
    buttons()


def in_words(now: Board) -> str:
    """The board in a few sentences with figures, as Markdown."""
    said = [runs_in_words(now)]
    if now.lines:
        said.append(leader_in_words(now.lines))
    if now.apart:
        runs = counted(now.apart, "run reads", "runs read")
        said.append(f"{runs} another text or other tokens: such a loss cannot be compared.")
    if not now.seats:
        return "Nobody has come yet. Show the class its link first."
    return " ".join(said)


def runs_in_words(now: Board) -> str:
    train = counted(now.training, "run trains", "runs train")
    wait = counted(now.waiting, "waits", "wait")
    here = counted(now.here, "learner is here", "learners are here")
    paused = (
        " **The class is paused.** Runs that train go on to their end; no other begins until you "
        "press *Go on with the class*."
        if now.paused
        else ""
    )
    return f"{here}. {train}, {wait}.{paused}"


def leader_in_words(lines: Sequence[Line]) -> str:
    """Who has the lowest loss, beside the middle of the class."""
    first = lines[0]
    who = f"**The lowest loss is {first.loss:.2f}, after {first.points[-1].step:,} steps.**"
    if len(lines) < 2:
        return f"{who} It is the thick line."
    middle = median(one.loss for one in lines)
    return f"{who} It is the thick line. Half of the {len(lines)} runs are below {middle:.2f}."


def row(seat: Seat) -> dict[str, str]:
    """A learner as a row of the table."""
    run, best = seat.run, seat.best
    return {
        "learner": seat.label,
        "page": PLACES.get(seat.place, ""),
        "seen": "now" if seat.away < 90 else f"{duration(60 * round(seat.away / 60))} ago",
        "last run": "" if run is None else STATUS_WORDS[run.status],
        "steps": "" if run is None else f"{run.step:,} of {run.num_steps:,}",
        "loss": "" if run is None or run.last_loss is None else f"{run.last_loss:.2f}",
        "best few-shot score": ""
        if best is None
        else f"{best.accuracy:.0%} ({best.asked.task}, {best.n} items)",
    }


def steer(now: Board) -> None:
    """Buttons for the class as a whole, and for one run."""
    with st.container(horizontal=True):
        if not state.viewer().alone:
            label = "Go on with the class" if now.paused else "Pause the class"
            st.button(label, key="pause-class", on_click=pause_class, args=(not now.paused,))
        if now.moving:
            st.button("Stop all runs", key="stop-all", on_click=stop_all)
    runs = {run.id: run for run in (*now.moving, *now.resting)}
    if not runs:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.session_state.get(keys.STEERED) not in runs:
            st.session_state[keys.STEERED] = next(iter(runs))
        chosen = st.selectbox(
            "One run",
            list(runs),
            format_func=lambda one: named(runs[one], now),
            key=keys.STEERED,
            persist_state="session",
        )
        run = runs[chosen]
        if run.active:
            st.button("Pause", key="pause-run", on_click=change, args=("pause", run.id))
            st.button("Stop", key="stop-run", on_click=change, args=("stop", run.id))
        else:
            st.button("Resume", key="resume-run", on_click=change, args=("resume", run.id))
        st.page_link(PRETRAIN, label="Look at it", icon="📈", query_params={state.RUN: run.id})


def named(run: RunRow, now: Board) -> str:
    return f"{now.label(run.owner)}: {run.title} ({STATUS_WORDS[run.status]})"


@then_all
def pause_class(paused: bool) -> None:
    if state.viewer().teacher:
        service().store.set_note(PAUSED, True if paused else None)


@then_all
def stop_all() -> None:
    """Stop what trains, and what waits; each can be resumed."""
    for run in look().moving:
        with suppress(NotFound):  # deleted at this moment
            service().stop(run.id)


@then_all
def change(what: str, run_id: str) -> None:
    """Pause, stop or resume a run; the service refuses whoever may not."""
    {"pause": service().pause, "stop": service().stop, "resume": service().resume}[what](run_id)

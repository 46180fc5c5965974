"""A run while it trains: buttons, the first screen, and what is folded below it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from pages.pretrain import details, keys
from pages.pretrain.draw_it import drawing_of
from pages.pretrain.fitting import outcome
from pages.pretrain.scene import FRAME, scene
from tinylm.events import CurvePoint
from tinylm.questions.models import Ladder, LadderOf
from tinylm.runs.store.history import Recent, Told
from tinylm.runs.store.rows import RunRow, remaining_seconds
from ui.asking import service
from ui.frame import draw_anew, duration, guarded, problem, roughly, status_line
from ui.line import state_line, tick_of
from ui.whose import say_whose

# Seconds between two looks at what is folded. It is no multiple of those between two looks at the
# run, because two parts that run at the same moment would cut each other off.
DETAILS_TICK = 3.3
CURVE_POINTS = 200  # more could not be told apart; an update stays under 10 kB
SHARED = 0.4  # seconds for which all who look at the same run share one reading
SLOW_TICK = 4.0  # seconds between looks at a run that rests; another window may resume it
REST_SENTENCES = {
    "paused": "The run rests at its last checkpoint; **Resume** continues exactly there.",
    "stopped": "The run was stopped with what it had learned so far; **Resume** continues it.",
    "interrupted": "The worker ended before the run did (a restart, or a crash). Nothing before "
    "the last checkpoint is lost: **Resume** continues from it.",
}


_LADDERS: Recent[Ladder] = Recent()  # by run; once computed, a ladder never changes
_READINGS: Recent[tuple[float, Told, Sequence[CurvePoint]]] = Recent()  # by run: time and reading


def watch(run: RunRow, title: str) -> None:
    """Show a run under the title of the page, and look again while something may happen to it.

    When the status of the run is no longer that of `run`, the whole page is drawn anew, because
    the rest of it depends on the status too.
    """
    run_id = run.id
    playing = bool(st.session_state.get(keys.FILM_PLAYS))
    drawn = drawing_of(run_id)
    every = _every(run, playing)

    # This part has no timer: it changes only with the status of the run or a click inside it.
    @st.fragment
    @guarded
    def steer() -> None:
        _controls(service().run(run_id), title)

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        now = service().run(run_id)
        told, curve = reading(now)
        if now.status != run.status or _every(now, playing) != every:
            draw_anew()  # this also updates the timers, the buttons and the next steps
        _progress(now)
        scene(now, told, curve, drawn, playing, draw_anew)

    steer()
    say_whose(run)
    look()


def _every(run: RunRow, playing: bool) -> float | None:
    """Seconds between two looks at a run; None where nothing more will happen to it."""
    if playing:
        return FRAME
    if run.active:
        return tick_of([run])
    return SLOW_TICK if run.status != "done" else None


def watch_details(run: RunRow) -> None:
    """Show what is folded below the first screen, and look again while the run is active."""
    run_id, active = run.id, run.active and run.status != "queued"  # which has told nothing yet
    counting = _ladder(run, service().told(run_id))[1]

    @st.fragment
    @guarded
    def dial() -> None:
        details.one_step_and_rate(service().run(run_id))

    @st.fragment(run_every=DETAILS_TICK if active or counting else None)
    @guarded
    def more() -> None:
        now = service().run(run_id)
        told, curve = reading(now)
        ladder, still = _ladder(now, told)
        if not active and still != counting:
            draw_anew()  # this ends the timer
        details.folded(now, told, curve, ladder)

    more()
    dial()


def reading(run: RunRow) -> tuple[Told, Sequence[CurvePoint]]:
    """What the run reported, and its curve; while it trains, recent readings are reused."""
    now = time.monotonic()
    kept = _READINGS.get(run.id)
    if kept is not None and run.status == "running" and now - kept[0] < SHARED:
        return kept[1:]
    told, curve = service().told(run.id), service().curve(run.id, CURVE_POINTS)
    _READINGS.put(run.id, (now, told, curve))
    return told, curve


def _ladder(run: RunRow, told: Told) -> tuple[Ladder | None, bool]:
    """The ladder that the loss is compared with, and whether a worker is still computing it."""
    if (kept := _LADDERS.get(run.id)) is not None:
        return kept, False
    if run.kind != "pretrain" or told.started is None:  # its vocabulary is not ready yet
        return None, False
    job = service().ask(LadderOf(run.id, run.corpus, run.config.documents))
    if job.answer is not None:
        _LADDERS.put(run.id, job.answer)
    return job.answer, not job.over


def _progress(run: RunRow) -> None:
    left = remaining_seconds(run)
    parts = [status_line(run.status), f"step {run.step:,} of {run.num_steps:,}"]
    if run.status == "running" and not run.step:
        stage = service().stage(run.id)
        parts[0] = f"🔄 {stage}" if stage else parts[0]
    if run.status == "queued":
        parts = [state_line(run)]
    elif run.active and left is not None:
        parts.append(f"{roughly(left)} left")
    if run.active and run.tokens_per_sec:
        parts.append(f"{run.tokens_per_sec:,.0f} tokens per second")
    if not run.active:
        parts.append(f"{duration(run.seconds)} of work")
    st.progress(1.0 if run.status == "done" else run.progress, text=" · ".join(parts))
    if run.status == "queued" and not service().workers():
        st.info("No worker is running yet: one starts within a few seconds.", icon="⏳")
    if run.status == "failed":
        problem(run.error)
    elif run.status in REST_SENTENCES:
        st.info(REST_SENTENCES[run.status], icon="ℹ️")
    outcome(run)


def _controls(run: RunRow, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        st.text(run.title, width="stretch")
        if run.status == "done" or not service().may_change(run):
            return
        if run.resumable or run.status == "holding":
            st.button("Resume", type="primary", on_click=guarded(service().resume), args=(run.id,))
        else:
            st.button(
                "Pause",
                on_click=guarded(service().pause),
                args=(run.id,),
                disabled=run.status in ("pausing", "stopping"),
            )
        st.button(
            "Stop",
            on_click=guarded(service().stop),
            args=(run.id,),
            disabled=run.status in ("stopping", "stopped", "failed"),
        )

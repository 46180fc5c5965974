"""A run while it trains: progress, curve, samples and odds, with pause, resume and stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.energy import estimate
from pages.pretrain.learned import passed, probe_chart
from pages.pretrain.texts import FRAME, film, samples
from tinylm.evaluation.phases import phases
from tinylm.events import CurvePoint, EvalDone, LearningRateChanged
from tinylm.questions.models import Ladder, LadderOf
from tinylm.runs.store.history import Recent, Told
from tinylm.runs.store.rows import RunRow, remaining_seconds
from ui.asking import service
from ui.charts.base import gap
from ui.curves import curve_of_run
from ui.frame import draw_anew, duration, guarded, problem, status_line

TICK = 1.0  # seconds between two looks at a run that is active
# Seconds between two looks at its texts and odds, which change only with a validation. It is no
# multiple of TICK, because two parts that run at the same moment would cut each other off.
TEXT_TICK = 3.3
CURVE_POINTS = 200  # more could not be told apart; an update stays under 10 kB
SHARED = 0.4  # seconds for which all who look at the same run share one reading
SLOW_TICK = 4.0  # seconds between looks at a run that rests; another window may resume it
LR_FACTORS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
REST_SENTENCES = {
    "paused": "The run rests at its last checkpoint; **Resume** continues exactly there.",
    "stopped": "The run was stopped with what it had learned so far; **Resume** continues it.",
    "interrupted": "The worker ended before the run did (a restart, or a crash). Nothing before "
    "the last checkpoint is lost: **Resume** continues from it.",
}


_LADDERS: Recent[Ladder] = Recent()  # by run; once computed, a ladder never changes
_READINGS: Recent[tuple[float, Told, Sequence[CurvePoint]]] = Recent()  # by run: time and reading


def watch(run: RunRow, also: Callable[[RunRow], None]) -> None:
    """Show the run, and look again regularly while something may happen to it.

    When the status of the run is no longer that of `run`, the whole page is drawn anew, because
    the rest of it depends on the status too. `also(run)` draws something below the curve; it is
    called together with the parts that change with a validation.
    """
    run_id = run.id
    active, counting = run.active, _ladder(run, service().told(run_id))[1]
    every = TICK if active or counting else SLOW_TICK if run.status != "done" else None

    # This part has no timer: it changes only with the status of the run or a click inside it.
    @st.fragment
    @guarded
    def steer() -> None:
        now = service().run(run_id)
        _controls(now)
        _learning_rate(now)

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        now = service().run(run_id)
        told, curve = _reading(now)
        ladder, still = _ladder(now, told)
        if now.status != run.status or (not active and still != counting):
            draw_anew()  # this also updates the timers, the buttons and the next steps
        _progress(now)
        _latest(now, told.evals)
        found = phases(told.evals, ladder, told.probes)
        curve_of_run(now, curve, told.evals, ladder, found)
        passed(found)
        _turned(told.lr_factors)

    # A part of its own, because it holds most of the elements and they rarely change.
    @st.fragment(run_every=TEXT_TICK if active else None)
    @guarded
    def read() -> None:
        also(run)
        told = service().told(run_id)
        if told.damaged:
            problem(f"Of what this run has stored, {told.damaged} entries are damaged: left out.")
        samples(run, told.samples)
        probe_chart(told.probes)
        if told.started:
            estimate(service().run(run_id), told.started.threads)

    playing = bool(st.session_state.get(keys.FILM_PLAYS))

    @st.fragment(run_every=FRAME if playing else TEXT_TICK + 0.4 if active else None)
    @guarded
    def watch_film() -> None:
        film(service().told(run_id).film, playing, draw_anew)

    steer()
    look()
    read()
    watch_film()


def _reading(run: RunRow) -> tuple[Told, Sequence[CurvePoint]]:
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
        position = service().queue_position(run.id)
        parts = [parts[0], "next in line" if position <= 1 else f"number {position} in line"]
    elif run.active and left is not None:
        parts.append(f"about {duration(left)} left")
    if run.active and run.tokens_per_sec:
        parts.append(f"{run.tokens_per_sec:,.0f} tokens per second")
    if not run.active:
        parts.append(f"{duration(run.seconds)} of work")
    st.progress(run.progress, text=" · ".join(parts))
    if run.status == "queued" and not service().workers():
        st.info("No worker is running yet: one starts within a few seconds.", icon="⏳")
    if run.status == "failed":
        problem(run.error)
    elif run.status in REST_SENTENCES:
        st.info(REST_SENTENCES[run.status], icon="ℹ️")


def _controls(run: RunRow) -> None:
    if run.status == "done":
        return
    with st.container(horizontal=True):
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
            "One step",
            on_click=guarded(service().single_step),
            args=(run.id,),
            disabled=run.status in ("pausing", "stopping"),
            help="One update of the weights; then the run holds until you press again.",
        )
        st.button(
            "Stop",
            on_click=guarded(service().stop),
            args=(run.id,),
            disabled=run.status in ("stopping", "stopped", "failed"),
        )


def _learning_rate(run: RunRow) -> None:
    """Show the dial that multiplies the scheduled learning rate while the run goes on."""
    if run.status == "done":
        return
    with st.expander("Change the learning rate while it trains"):
        now = service().lr_factor(run.id)
        options = sorted({*LR_FACTORS, now})
        chosen = st.select_slider(
            "Times the planned learning rate",
            options,
            value=now,
            format_func="× {:g}".format,
            key=f"{keys.LR_DIAL}-{run.id}",
            help="From the next update on. The planned rate rises, stays and falls by itself.",
        )
        if chosen != now:
            service().set_lr_factor(run.id, chosen)


def _turned(changes: Sequence[LearningRateChanged]) -> None:
    """Say at which steps the dial was turned."""
    if changes:
        turns = ", ".join(f"× {one.factor:g} from step {one.step:,} on" for one in changes)
        st.markdown(f"**The learning rate was changed:** {turns}.")


def _latest(run: RunRow, evals: Sequence[EvalDone]) -> None:
    last = evals[-1] if evals else None
    numbers = {
        "Training loss": (run.last_loss, "Nats per token of the latest batches."),
        "Validation loss": (
            last.loss if last else None,
            "Nats per token on text it never trains on.",
        ),
        "Perplexity": (
            last.perplexity if last else None,
            "exp(validation loss): as unsure as if choosing among so many tokens evenly.",
        ),
        "Bits per byte": (
            last.bits_per_byte if last else None,
            "The same per byte of text, so that different vocabularies compare.",
        ),
    }
    with st.container(horizontal=True):
        for label, (value, meaning) in numbers.items():
            value = gap(value)
            shown = "–" if value is None else f"{value:,.3f}" if value < 100 else f"{value:,.0f}"
            st.metric(label, shown, help=meaning, border=True, width=160)

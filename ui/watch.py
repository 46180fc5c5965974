"""A run as it happens: progress, curve, samples, odds, and its pause, resume and stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import streamlit as st

from tinylm.experiments.question import Question
from tinylm.runs.history import Told
from tinylm.runs.home import run_dir
from tinylm.runs.rows import RunRow, remaining_seconds
from ui import charts, state
from ui.charts import Row
from ui.engine import service
from ui.frame import duration, guarded, numbers_behind, problem, status_line
from ui.ladder import Ladder, describe_ladder, ladder_rows, standing, with_ladder
from ui.live_plot import live_plot

TICK = 1.0  # seconds between two looks at a run that is moving
# At its texts and odds, which come with a validation. No multiple of TICK: the run of one part
# would cut off that of the other.
TEXT_TICK = 3.3
SHARED = 0.4  # seconds for which those who look at the same training share one reading
SLOW_TICK = 4.0  # at one that rests, but may be resumed from another window
SHOWN_SAMPLES = 6

FIGURE_NAMES = {"loss": "loss", "perplexity": "perplexity", "bits_per_byte": "bits per byte"}
REST_SENTENCES = {
    "paused": "The run rests at its last checkpoint; **Resume** continues exactly there.",
    "stopped": "The run was stopped with what it had learned so far; **Resume** continues it.",
    "interrupted": "The worker ended before the run did (a restart, or a crash). Nothing before "
    "the last checkpoint is lost: **Resume** continues from it.",
}


_LADDERS: dict[str, Ladder] = {}  # by run, once computed: they stay as they are
_READINGS: dict[str, tuple[float, Told, Sequence[Row]]] = {}  # by run that trains: when, and what


def watch(run_id: str, also: Callable[[RunRow], None]) -> None:
    """Show the run, and look again while something may happen to it.

    `also` stands below the curve, with what comes with a validation.
    """
    run = service().run(run_id)
    active, counting = run.active, _ladder(run)[1]
    every = TICK if active or counting else SLOW_TICK if run.status != "done" else None

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        now = service().run(run_id)
        ladder, still = _ladder(now)
        if now.active != active or (not active and still != counting):
            st.rerun()  # ends or begins the timers, and lets the page say what comes next
        told, curve = _reading(now)
        _progress(now)
        _controls(now)
        _latest(now, told.evals)
        _curve(now, curve, told.evals, ladder)

    # A part of its own: most of the elements, of which hardly any look finds one changed.
    @st.fragment(run_every=TEXT_TICK if active else None)
    @guarded
    def read() -> None:
        also(run)
        _texts(service().told(run_id))

    look()
    read()


def _reading(run: RunRow) -> tuple[Told, Sequence[Row]]:
    """What the run told, and its curve; while it trains, as somebody else saw them just now."""
    now = time.monotonic()
    kept = _READINGS.get(run.id)
    if kept is not None and run.status == "running" and now - kept[0] < SHARED:
        return kept[1:]
    told, curve = service().told(run.id), service().curve(run.id)
    if len(_READINGS) > 30:  # those that ended, for the most part
        _READINGS.clear()
    _READINGS[run.id] = (now, told, curve)
    return told, curve


def _ladder(run: RunRow) -> tuple[Ladder | None, bool]:
    """What the run's loss is compared with, and whether a worker still computes it."""
    if run.id in _LADDERS:
        return _LADDERS[run.id], False
    if run.kind != "pretrain" or not (run_dir(service().home, run.id) / "tokenizer.json").exists():
        return None, False
    question: Question = (
        "ladder",
        {"run": run.id} | {name: run.config[name] for name in ("corpus", "documents")},
    )
    job = service().known(*question)
    if job is None or job.status == "failed":  # a failed one is tried again from time to time
        job = service().ask(*question)
    if job.result is not None:
        _LADDERS[run.id] = job.result
    return job.result, not job.over


def _texts(told: Told) -> None:
    left, right = st.columns(2)
    with left:
        _samples(told.samples)
    with right:
        _odds(told.odds)


def _progress(run: RunRow) -> None:
    left = remaining_seconds(run)
    parts = [status_line(run.status), f"step {run.step:,} of {run.num_steps:,}"]
    if run.status == "running" and not run.step:
        preparing = service().latest(run.id, "preparing")
        if preparing:
            parts[0] = f"🔄 {preparing['stage']}"
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
        if run.resumable:
            st.button("Resume", type="primary", on_click=_resume, args=(run.id,))
        else:
            st.button(
                "Pause",
                on_click=_pause,
                args=(run.id,),
                disabled=run.status in ("pausing", "stopping"),
            )
        st.button(
            "Stop",
            on_click=_stop,
            args=(run.id,),
            disabled=run.status in ("stopping", "stopped", "failed"),
        )


@guarded
def _pause(run_id: str) -> None:
    service().pause(run_id)


@guarded
def _resume(run_id: str) -> None:
    service().resume(run_id)


@guarded
def _stop(run_id: str) -> None:
    service().stop(run_id)


def _latest(run: RunRow, evals: Sequence[Row]) -> None:
    last = evals[-1] if evals else {}
    numbers = {
        "Training loss": (run.last_loss, "Nats per token of the latest batches."),
        "Validation loss": (last.get("loss"), "Nats per token on text it never trains on."),
        "Perplexity": (
            last.get("perplexity"),
            "exp(validation loss): as unsure as if choosing among so many tokens evenly.",
        ),
        "Bits per byte": (
            last.get("bits_per_byte"),
            "The same per byte of text, so that different vocabularies compare.",
        ),
    }
    with st.container(horizontal=True):
        for label, (value, meaning) in numbers.items():
            shown = "–" if value is None else f"{value:,.3f}" if value < 100 else f"{value:,.0f}"
            st.metric(label, shown, help=meaning, border=True, width=160)


def _curve(run: RunRow, curve: Sequence[Row], evals: Sequence[Row], ladder: Ladder | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.radio(
            "Show",
            list(FIGURE_NAMES),
            format_func=FIGURE_NAMES.__getitem__,
            horizontal=True,
            key=state.MEASURE,
            persist_state="session",
            width="content",
        )
        log = st.toggle("Logarithmic axis", key=state.LOG, persist_state="session")
    live_plot(
        with_ladder(
            charts.training_curve(curve, evals, measure, log=log), ladder, measure, log=log
        ),
        key=f"curve-{run.id}",
        label=charts.describe_curve(curve, evals, measure) + describe_ladder(ladder, measure),
    )
    if where := standing(ladder, evals):
        st.markdown(where)
    rows = [
        {name: row.get(name) for name in ("step", "loss", "perplexity", "bits_per_byte")}
        for row in evals
    ]
    numbers_behind(rows, f"curve-table-{run.id}", "Validation as a table")
    if ladder:
        numbers_behind(ladder_rows(ladder), f"ladder-table-{run.id}", "The lines as a table")


def _samples(samples: Sequence[Row]) -> None:
    st.subheader("What it writes", anchor=False)
    if not samples:
        st.markdown("The first text comes with the first validation.")
    with st.container(height=300, border=False):
        for sample in list(reversed(samples))[:SHOWN_SAMPLES]:
            st.markdown(f"**Step {sample['step']:,}**")
            st.code(sample["prompt"] + sample["text"], language=None, wrap_lines=True)


def _odds(last: Row | None) -> None:
    st.subheader("What it expects next", anchor=False)
    if last is None:
        st.markdown("The odds of the next token come with the first validation.")
        return
    st.markdown(f"Step {last['step']:,}, after this text:")
    st.code(last["prompt"], language=None, wrap_lines=True)
    pairs = list(zip(last["tokens"], last["probabilities"], strict=True))[:8]
    live_plot(
        charts.odds_bars({"base": pairs}),
        key="live-odds",
        label="Most probable next tokens: "
        + ", ".join(f"{text.strip()} {chance:.0%}" for text, chance in pairs),
        height=230,
    )

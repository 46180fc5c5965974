"""Two runs that differ in one setting: a form that starts both, and both while they train."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.pair_result import GUESSES, result, setting_of
from pages.pretrain.settings import ASKED, Number, check_asked, number, numbers_of
from tinylm.config import RunConfig, with_changes
from tinylm.errors import TinylmError
from tinylm.runs.store.rows import RunRow, remaining_seconds
from ui import state
from ui.asking import service
from ui.choosing import corpus_words, difference, look_inside
from ui.compare import differences, overlaid
from ui.frame import draw_anew, guarded, literal, problem, roughly
from ui.line import state_line, tick_of
from ui.predict import predict
from ui.style import to_top

POINTS = 120  # the most points in each training curve
CHANGED = {
    name: row
    for name, row in ASKED.items()
    if name not in ("eval_interval", "checkpoint_interval", "threads")
}


@guarded
def pair_form(config: RunConfig) -> None:
    """Ask for one setting and its other value, and start both runs on a button."""
    with st.expander("Run two settings at once"):
        st.markdown(
            "The settings above as they are, and beside them the same with **one** change. "
            "All else is equal, the text and the seed included. Both start with one click."
        )
        with st.container(horizontal=True):
            name = st.selectbox(
                "Change",
                list(CHANGED),
                format_func=lambda one: f"{CHANGED[one].label} ({one})",
                key=keys.PAIR_KNOB,
                persist_state="session",
                width=300,
            )
            value = _other_value(name, config)
        st.markdown(CHANGED[name].help)
        check_asked({name: value})
        changed = with_changes(config, {name: value})
        service().check_memory(config, changed)
        predict(
            keys.PREDICTED_PAIR,
            f"One run as it is, one with another value of “{CHANGED[name].label}”. Which will end "
            "with the lower loss on text that it never trains on?",
            GUESSES,
            setting_of(config, changed),
            ordered=True,
            skip=False,
        )
        same = changed == config
        st.markdown(
            "Choose another value than the one above."
            if same
            else f"**{literal(difference(changed, config))}** against "
            f"**{literal(difference(config, changed))}**. {_side_by_side()}"
        )
        if st.button("Start both", disabled=same):
            _start(config, changed)


def _side_by_side() -> str:
    """How two runs of one learner train, in a sentence."""
    if not service().viewer.alone:
        return (
            "In a class each learner trains one run at a time, so the second waits for the first."
        )
    return (
        "Where two places are free they train side by side and share the processor, so allow for "
        "twice the time of one."
    )


def _other_value(name: str, config: RunConfig) -> Number:
    """Ask for the other value of a setting.

    The input begins at half of the present value, or at twice if it cannot be halved; a seed
    begins at the next number.
    """
    row, now = CHANGED[name], numbers_of(config)[name]
    half = max(row.low, now / 2) or row.high / 10
    begin = now + 1 if name == "seed" else row.kind(half)
    if begin == now:  # the value cannot be halved
        begin = row.kind(min(row.high, now * 2))
    key = f"{keys.PAIR_VALUE}-{name}-{now}"
    return number(row, f"instead of {now:g}", begin, now, f"{row.limits}.", key, 220)


def _start(config: RunConfig, changed: RunConfig) -> None:
    heads = pair_names(config, changed)
    words = corpus_words(config.corpus)
    titles = (f"{words}, {heads[0]}", f"{words}, {heads[1]}")
    first, second = service().start_pair(config, changed, titles)
    st.session_state[state.COMPARED] = [first, second]
    state.show_pair(first, second)
    to_top()
    draw_anew()


def pair_names(first: RunConfig, second: RunConfig) -> list[str]:
    """Name each run by its difference from the other; with equal names, add a number."""
    found = [difference(second, first)[:60], difference(first, second)[:60]]
    return found if found[0] != found[1] else [f"{name} ({i})" for i, name in enumerate(found, 1)]


def pair_of(run: RunRow) -> RunRow | None:
    """The run to be shown beside this one, or None.

    If that run no longer exists, say so and forget it.
    """
    other = state.current_pair(run.id)
    if not other:
        return None
    try:
        return service().run(other)
    except TinylmError as error:
        problem(error)
        state.show_pair(run.id, "")
        return None


def watch_pair(first: RunRow, second: RunRow) -> None:
    """Show both runs while they train; when both have ended, show what the change did."""
    ids = (first.id, second.id)
    active = first.active or second.active
    heads = pair_names(first.config, second.config)

    every = tick_of((first, second)) if active else None

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        now = [service().run(one) for one in ids]
        still = any(run.active for run in now)
        if still != active or (still and tick_of(now) != every):
            draw_anew()  # this starts, ends or changes the timer, and shows the result
        for run, head in zip(now, heads, strict=True):
            st.progress(run.progress, text=f"**{literal(head)}** · {_how_far(run)}")
        if said := waiting(now, heads):
            st.info(literal(said), icon="⏳")
        _controls(now)
        overlaid(now, heads, "pair", POINTS)
        differences(now, heads, "pair-table")

    look()
    if not active:
        result(first, second, heads)
    with st.container(horizontal=True):
        for run, head in zip((first, second), heads, strict=True):
            if st.button(f"Look at it alone: {literal(head)}", key=f"alone-{run.id}"):
                state.show_pair(run.id, "")
                draw_anew()
            look_inside(run, f": {literal(head)}")


def _how_far(run: RunRow) -> str:
    left = remaining_seconds(run)
    parts = [state_line(run), f"step {run.step:,} of {run.num_steps:,}"]
    if run.active and left is not None:
        parts.append(f"{roughly(left)} left")
    if run.status == "failed":
        parts.append(literal(run.error))
    return " · ".join(parts)


def waiting(runs: Sequence[RunRow], heads: Sequence[str]) -> str:
    """A sentence that says why a run does not train yet; "" if none waits."""
    waits = [head for run, head in zip(runs, heads, strict=True) if run.status == "queued"]
    if not waits:
        return ""
    places = sum(worker.queue in ("long", "both") for worker in service().workers())
    if not places:
        return "No worker is running yet: one starts within a few seconds."
    who = "Both wait" if len(waits) == 2 else f"“{waits[0]}” waits"
    room = "1 run trains" if places == 1 else f"{places} runs train"
    turn = "" if service().viewer.alone else ", one of each learner"
    return (
        f"{who} for a free place: {room} at a time here{turn}. It starts by itself as soon as one "
        "ends; what comes out is the same."
    )


def _controls(runs: Sequence[RunRow]) -> None:
    """Show buttons that pause, resume or stop both; none when both are done."""
    resting = [run for run in runs if run.resumable or run.status == "holding"]
    moving = [run for run in runs if run.active and run.status not in ("pausing", "stopping")]
    if all(run.status == "done" for run in runs) or not all(map(service().may_change, runs)):
        return
    with st.container(horizontal=True):
        if resting:
            st.button("Resume both", type="primary", on_click=_steer, args=("resume", resting))
        if moving or not resting:
            st.button("Pause both", on_click=_steer, args=("pause", moving), disabled=not moving)
        st.button(
            "Stop both",
            on_click=_steer,
            args=("stop", moving + [run for run in resting if run.status == "paused"]),
            disabled=all(run.status in ("stopping", "stopped", "failed", "done") for run in runs),
        )


@guarded
def _steer(wish: str, runs: Sequence[RunRow]) -> None:
    act = {"pause": service().pause, "resume": service().resume, "stop": service().stop}[wish]
    for run in runs:
        act(run.id)

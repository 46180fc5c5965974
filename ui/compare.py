"""Compare runs: their curves in one chart, and a table of their settings and results."""

from __future__ import annotations

import streamlit as st

from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.charts import training
from ui.choosing import corpus_words, difference, run_titles
from ui.curves import MEASURE_NAMES, axes
from ui.differing import CORPUS, differing
from ui.frame import STATUS_WORDS, draw_anew, duration, guarded, numbers_behind
from ui.line import tick_of
from ui.plot import live_plot

MOST = len(training.RUN_LOOKS)
FEW = 2  # settings that a name in a legend holds
TICK = 2.1  # seconds between two looks while at least one run is active


def compare(runs: list[RunRow]) -> None:
    """Ask for some of `runs`, and show their curves in one chart and a table of differences."""
    st.subheader("Compare", anchor=False)
    titles = run_titles(runs)
    if len(runs) < 2:
        st.info("A comparison needs two runs: train another one with one change.", icon="⚖️")
        return
    kept = [one for one in st.session_state.get(state.COMPARED, []) if one in titles]
    chosen = st.multiselect(
        "Runs; the first is what the others are compared with",
        list(titles),
        default=kept,
        format_func=titles.__getitem__,
        max_selections=MOST,
        placeholder="Choose two or more",
    )
    if len(chosen) < 2:
        st.info(
            "Choose two or more runs above. Then you see their curves in one picture, and a table "
            "of what differs.",
            icon="⚖️",
        )
        return
    st.session_state[state.COMPARED] = chosen
    picked = [service().run(one) for one in chosen]

    every = _every(picked)

    @st.fragment(run_every=every)
    @guarded
    def look() -> None:
        now = [service().run(one) for one in chosen]
        if _every(now) != every:
            draw_anew()
        overlaid(now, names(now), "compared")
        differences(now, names(now), "compared-table")

    look()


def _every(runs: list[RunRow]) -> float | None:
    """Seconds until the next look; None where no run is active."""
    return max(TICK, tick_of(runs)) if any(run.active for run in runs) else None


def names(runs: list[RunRow]) -> list[str]:
    """Name the first run by its title, and the others by what tells them from it.

    That is their difference while it is short enough for a legend; else it is their title, because
    all the settings stand in the table below. Equal names get a number.
    """
    found = [runs[0].title, *(_name(runs[0], run) for run in runs[1:])]
    return [n if found.count(n) == 1 else f"{n} ({i})" for i, n in enumerate(found, 1)]


def _name(first: RunRow, other: RunRow) -> str:
    changed = differing([first.config, other.config])
    return difference(first.config, other.config) if len(changed) <= FEW else other.title


def overlaid(runs: list[RunRow], heads: list[str], key: str, points: int = 0) -> None:
    """Draw the curves of the runs in one chart, with its controls; `heads` are their names.

    Each training curve has at most `points` points; with 0 there are no training curves.
    """
    measure, axis, log = axes(MEASURE_NAMES, f"-{key}")
    needed = points or axis == "seconds"
    shown = [
        (
            name,
            service().curve(run.id, points or 300) if needed else (),
            service().told(run.id).evals,
        )
        for name, run in zip(heads, runs, strict=True)
    ]
    told = "; ".join(
        f"{name}: {training.measured(evals[-1], measure):.3f} at step {evals[-1].step}"
        for name, _, evals in shown
        if evals
    )
    live_plot(
        training.overlaid_runs(shown, measure, log=log, axis=axis, training=bool(points)),
        key=key,
        label=f"{training.MEASURES[measure]} on validation text of {len(runs)} runs. {told}",
    )


def differences(runs: list[RunRow], heads: list[str], key: str) -> None:
    """Show a table with a column for each run: the settings that differ, then the results."""
    rows: list[dict[str, str]] = []
    for name, values in differing([run.config for run in runs]).items():
        said = [corpus_words(str(one)) if name == CORPUS else str(one) for one in values]
        rows.append({"": name} | dict(zip(heads, said, strict=True)))
    results: dict[str, list[str]] = {
        "status": [STATUS_WORDS.get(run.status, run.status) for run in runs],
        "steps done": [f"{run.step:,}" for run in runs],
        "tokens read": [f"{run.tokens_seen:,}" for run in runs],
        "time": [duration(run.seconds) for run in runs],
    }
    told = [service().told(run.id).evals for run in runs]
    for measure, words in MEASURE_NAMES.items():
        results[f"validation {words}"] = [
            f"{training.measured(evals[-1], measure):.4f}" if evals else "–" for evals in told
        ]
    rows += [{"": n} | dict(zip(heads, values, strict=True)) for n, values in results.items()]
    st.markdown("**Differences**, then results")
    st.dataframe(rows, hide_index=True, alt="Settings that differ between the runs, and results")
    table = [
        {"run": name, "step": found.step, "tokens_seen": found.tokens_seen}
        | {measure: training.measured(found, measure) for measure in MEASURE_NAMES}
        for name, evals in zip(heads, told, strict=True)
        for found in evals
    ]
    numbers_behind(table, key, "All validations as a table")

"""The part of the page that trains: small runs, the stored guess, then the larger run."""

from __future__ import annotations

import time
from dataclasses import replace

import msgspec
import streamlit as st

from pages.scale import keys
from pages.scale.charts import Picture, described, scaling
from pages.scale.parts import judged, picture
from tinylm.experiments.recording import Recording
from tinylm.experiments.scale import EXPERIMENT, LARGE, SMALL, margin, question, repetition
from tinylm.predictions import PREDICTED, Kept
from tinylm.questions.experiments import Measured
from tinylm.questions.scale import Foretell, Foretold
from tinylm.runs.trials import Trials
from ui import state
from ui.asking import ask, service
from ui.experiments import Live, live, live_seed
from ui.plot import live_plot


def draw(shown: Picture, key: str) -> None:
    live_plot(scaling(shown), key=key, label=described(shown), height=380)


def own_guess() -> float | None:
    """What this learner predicted; None where the question was skipped."""
    try:
        kept = msgspec.convert(state.answers().get(f"{PREDICTED}{keys.PREDICTED}"), Kept)
    except msgspec.ValidationError:
        return None
    return float(kept.guess) if isinstance(kept.guess, float | int) else None


def ended(now: Live) -> dict[str, Measured]:
    """The figures of each arm that is measured at its end."""
    return {one.arm.name: one.measured for one in now.states if one.measured is not None}


def live_part(found: Recording | None) -> None:
    """Small runs here, then the stored guess, then the larger run."""
    st.subheader("Try it here", anchor=False)
    seed = live_seed(EXPERIMENT)
    small = replace(EXPERIMENT, arms=SMALL)
    now = Live(seed, Trials(service(), small, seed).states())
    if not now.complete:
        live(EXPERIMENT, _small_runs, found, arms=SMALL)
        return
    off = margin(found) if found is not None else 0.0
    asked = question(ended(now), off, own_guess())
    foretold = ask(asked, "The guess is made …")
    if foretold is None:
        return
    st.markdown(_stored(asked, foretold))
    live(
        EXPERIMENT,
        lambda shown: _both(shown, foretold, off),
        found,
        arms=(*SMALL, LARGE),
        go_on="Train the larger run",
    )


def _small_runs(now: Live) -> None:
    shown = replace(picture(ended(now)), now=_training(now), live=True)
    if shown.small or shown.now:
        draw(shown, "scale-live")


def _training(now: Live) -> tuple[int, float] | None:
    """How far the run that trains now is, and its last loss."""
    runs = (one.run for one in now.states if one.run is not None and one.run.active)
    return next(((run.tokens_seen, run.last_loss) for run in runs if run.last_loss), None)


def _both(now: Live, foretold: Foretold, off: float) -> None:
    """The small runs, both guesses, and the larger run once it has ended."""
    measured, own = ended(now), own_guess()
    shown = replace(picture(measured, own, foretold), now=_training(now), live=True)
    draw(shown, "scale-live")
    one = repetition(now.seed, measured, off)
    if one is not None:
        st.markdown(judged(one, own))


def _stored(asked: Foretell, foretold: Foretold) -> str:
    """What was foretold, and when that was written down."""
    job = service().known_all({"": asked}).get("")
    at = time.strftime("%H:%M:%S", time.localtime(job.ended)) if job and job.ended else ""
    own = f" Yours is {asked.own:.2f}." if asked.own is not None else ""
    return (
        f"The small runs foretell a loss of **{foretold.loss:.3f}**, between {foretold.low:.2f} "
        f"and {foretold.high:.2f}.{own} This was **stored{f' at {at}' if at else ''}** and cannot "
        "be changed any more. Only now the larger run may begin."
    )

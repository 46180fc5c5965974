"""Scale: small runs are trained, a larger one is foretold, and then it is trained as well."""

from __future__ import annotations

import time
from dataclasses import replace

import msgspec
import streamlit as st

from pages.scale import keys
from pages.scale.charts import Picture, described, scaling
from pages.scale.parts import judged, longest, meaning, of_seed, picture, size_or_text, sizes, table
from tinylm.experiments.recording import recording
from tinylm.experiments.scale import (
    EXPERIMENT,
    FITTED,
    LARGE,
    SMALL,
    TIMES,
    question,
    repetition,
    repetitions,
)
from tinylm.questions.experiments import Measured
from tinylm.questions.scale import Foretell, Foretold
from tinylm.runs.trials import Trials
from ui import state
from ui.asking import ask, service
from ui.experiments import Live, behind, live, live_seed, not_recorded
from ui.frame import heading, literal
from ui.plot import live_plot
from ui.predict import PREDICTED, Kept, predict_number, reveal_number
from ui.tables import small_table

heading(
    "Scale",
    "A large model is expensive, so its makers first train **small** ones. From them they foretell "
    f"how good the large one will be. Here is a small model, trained {len(SMALL)} times: each time "
    "it read more text. How well will it do after still more?",
)
found = recording(EXPERIMENT.name)


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


def recorded_part() -> bool:
    """The recorded runs, the prediction, and what came of it; whether the page may go on."""
    if found is None:
        not_recorded()
        return True
    known = repetitions(found)
    first = of_seed(found, known[0].seed)
    place = st.empty()
    asked = (
        f"The same model reads **{TIMES} times** as much text as in the last of these runs. With "
        "what loss will it end? (Lower is better.)"
    )
    opened = predict_number(keys.PREDICTED, asked, 0.1, 8.0)
    with place.container():
        guess = known[0].foretold if opened else None
        draw(picture(first, own_guess(), guess), "scale-recorded")
    if not opened:
        return False
    mean = sum(one.measured for one in known) / len(known)
    reveal_number(keys.PREDICTED, mean, f"Measured: {mean:.2f}.", meaning(known))
    st.markdown(
        f":small[The picture shows one of {len(known)} repetitions, {literal(found.in_words)}.]"
    )
    with st.expander(f"All {len(known)} repetitions"):
        small_table(table(known), "scale-repetitions")
    return True


def live_part() -> None:
    """Small runs here, then the stored guess, then the larger run."""
    st.subheader("Try it here", anchor=False)
    seed = live_seed(EXPERIMENT)
    small = replace(EXPERIMENT, arms=SMALL)
    now = Live(seed, Trials(service(), small, seed, state.learner()).states())
    if not now.complete:
        live(EXPERIMENT, _small_runs, found, arms=SMALL)
        return
    asked = question(ended(now), own_guess())
    foretold = ask(asked, "The guess is made …")
    if foretold is None:
        return
    st.markdown(_stored(asked, foretold))
    live(
        EXPERIMENT,
        lambda shown: _both(shown, foretold),
        found,
        arms=(*SMALL, LARGE),
    )


def _small_runs(now: Live) -> None:
    shown = replace(picture(ended(now)), now=_training(now))
    if shown.small or shown.now:
        draw(shown, "scale-live")


def _training(now: Live) -> tuple[int, float] | None:
    """How far the run that trains now is, and its last loss."""
    runs = (one.run for one in now.states if one.run is not None and one.run.active)
    return next(((run.tokens_seen, run.last_loss) for run in runs if run.last_loss), None)


def _both(now: Live, foretold: Foretold) -> None:
    """The small runs, both guesses, and the larger run once it has ended."""
    measured, own = ended(now), own_guess()
    draw(replace(picture(measured, own, foretold), now=_training(now)), "scale-live")
    one = repetition(now.seed, measured)
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


def more() -> None:
    """Folded: size against text, and how the guess is made."""
    if found is not None and (said := size_or_text(found)):
        with st.expander("A larger model, or more text?"):
            small_table(sizes(found), "scale-sizes")
            st.markdown(
                f"{said} *Work* counts the additions and multiplications of the training. It grows "
                "with the parameters and with the tokens."
            )
    with st.expander("Advanced: how the guess is made"):
        st.markdown(
            "The **true entropy** of this text is known, because a program made it. No model gets "
            "below. What a run has above it is its *excess*. On a paper with logarithmic axes, as "
            "in the picture, one step is the same *factor* everywhere. There the excess of many "
            "models falls along a straight line.\n\n"
            "Here the kinds of text are not learned at the same time: sentences, worksheets, "
            "info-boxes, translations and reviews. So each kind gets a line of its own, through "
            f"the {FITTED} longest of the small runs. What the lines say of the larger run is "
            "added up. The interval holds what they would say with one run less, and with one run "
            "more.\n\n"
            f"The longest small run reads {longest()}. The larger one reads {TIMES} times as much, "
            "some of it a second time. Each run ends with its learning rate at zero."
        )


if recorded_part():
    live_part()
    more()
    behind(EXPERIMENT, found)

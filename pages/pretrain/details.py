"""What is folded below the first screen of a run: more texts, measures, and knobs for experts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.energy import estimate
from pages.pretrain.learned import passed, probe_chart
from pages.pretrain.learned_charts import Picture, odds_film, odds_of
from pages.pretrain.texts import all_samples
from tinylm.evaluation.phases import phases
from tinylm.events import CurvePoint, LearningRateChanged
from tinylm.questions.models import Ladder
from tinylm.runs.store.history import Told
from tinylm.runs.store.rows import RunRow
from ui.asking import service
from ui.charts.base import gap
from ui.curves import curve_of_run
from ui.frame import guarded, numbers_behind, problem
from ui.odds import wants_tokens
from ui.plot import live_plot

LR_FACTORS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)


def folded(run: RunRow, told: Told, curve: Sequence[CurvePoint], ladder: Ladder | None) -> None:
    """The parts that open on a click; only an open one is drawn."""
    if told.damaged:
        problem(f"Of what this run has stored, {told.damaged} entries are damaged: left out.")
    opened = st.expander("All texts that it wrote", on_change="rerun", key="fold-texts")
    if opened.open and told.samples:
        with opened:
            all_samples(run, told.samples)
    opened = st.expander("How the odds moved", on_change="rerun", key="fold-odds")
    if opened.open:
        with opened:
            _odds(told)
    if told.probes:
        title = "What prediction alone has taught it: grammar, meaning, facts"
        opened = st.expander(title, on_change="rerun", key="fold-probes")
        if opened.open:
            with opened:
                probe_chart(told.probes)
    opened = st.expander("Advanced: all measures and milestones", on_change="rerun", key="fold-all")
    if opened.open:
        with opened:
            _measures(run, told)
            found = phases(told.evals, ladder, told.probes)
            curve_of_run(run, curve, told.evals, ladder, found)
            passed(found)
    _turned(told.lr_factors)
    if told.started:
        estimate(run, told.started.threads)


def _odds(told: Told) -> None:
    """How the odds of the likeliest words, or tokens, moved during the run."""
    film: Sequence[Picture] = told.film
    if not wants_tokens() and told.words:
        film = told.words
    if not film:
        st.markdown("The odds come with the first look at the model.")
        return
    live_plot(
        odds_film(film),
        key="odds-film",
        label=f"How the odds of what comes next moved up to step {film[-1].step}.",
        height=260,
    )
    rows = [
        {"step": one.step, "text": text, "probability": chance}
        for one in film
        for text, chance in odds_of(one)
    ]
    numbers_behind(rows, "film-table", "The odds as a table")


def _measures(run: RunRow, told: Told) -> None:
    last = told.evals[-1] if told.evals else None
    numbers = {
        "Training loss": (
            run.last_loss,
            "The loss is the surprise at each piece, here in nats: on the text just trained on.",
        ),
        "Validation loss": (
            last.loss if last else None,
            "The same on text that it never trains on.",
        ),
        "Perplexity": (
            last.perplexity if last else None,
            "exp(validation loss): it hesitates as among so many pieces.",
        ),
        "Bits per byte": (
            last.bits_per_byte if last else None,
            "The same for each byte of text, so that different vocabularies compare.",
        ),
    }
    with st.container(horizontal=True):
        for label, (value, meaning) in numbers.items():
            value = gap(value)
            shown = "–" if value is None else f"{value:,.3f}" if value < 100 else f"{value:,.0f}"
            st.metric(label, shown, help=meaning, border=True, width=160)


def _turned(changes: Sequence[LearningRateChanged]) -> None:
    """Say at which steps the dial was turned."""
    if changes:
        turns = ", ".join(f"× {one.factor:g} from step {one.step:,} on" for one in changes)
        st.markdown(f"**The learning rate was changed:** {turns}.")


def one_step_and_rate(run: RunRow) -> None:
    """A button for a single step, and the dial that multiplies the scheduled learning rate."""
    if run.status == "done" or not service().may_change(run):
        return
    with st.expander("Advanced: one step at a time, another learning rate"):
        st.button(
            "One step",
            on_click=guarded(service().single_step),
            args=(run.id,),
            disabled=run.status in ("pausing", "stopping"),
            help="One update of the weights; then the run holds until you press again.",
        )
        now = service().lr_factor(run.id)
        options = sorted({*LR_FACTORS, now})
        chosen = st.select_slider(
            "Times the planned learning rate",
            options,
            value=now,
            format_func="× {:g}".format,
            key=f"{keys.LR_DIAL}-{run.id}",
            help="The learning rate says how far the weights move in each step. The planned rate "
            "rises, stays and falls by itself. The dial works from the next step on.",
        )
        if chosen != now:
            service().set_lr_factor(run.id, chosen)

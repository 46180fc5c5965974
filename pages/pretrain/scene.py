"""The first screen of a run: what it writes now beside what it wrote before it learned anything.

Below stand one curve with one figure in words, and the odds of what comes next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.happened import copied_in_words, copies_in, searched, so_far
from pages.pretrain.learned import pieces
from pages.pretrain.scene_chart import describe_unsure, unsure_curve
from pages.pretrain.texts import counted, right_word, sample_text
from tinylm.events import CurvePoint, EvalDone, NextTokenOdds, NextWordOdds, Sampled
from tinylm.questions.corpora import Copies
from tinylm.questions.models import Likely
from tinylm.questions.words import WholeOdds
from tinylm.runs.store.history import Told
from tinylm.runs.store.rows import RunRow
from ui.charts import base as charts
from ui.charts.rewards import reward_curve, rewards_in_words
from ui.charts.whole import percent, whole_bars
from ui.frame import literal
from ui.glossary import QUOTED
from ui.line import why_it_waits
from ui.odds import choose_unit, wants_tokens
from ui.plot import live_plot

FRAME = 0.8  # seconds for which each picture of the film is shown
TEXT_HEIGHT = 156  # pixels of the two texts: six lines
CHART_HEIGHT = 150  # with it, all of this fits on a screen 800 pixels high, at rest too
LEAST_TOLD = 0.05  # probability of a next word that is worth a sentence
SOON = "What it writes after the first few steps will stand here, beside what it wrote before."


def scene(
    run: RunRow,
    told: Told,
    curve: Sequence[CurvePoint],
    drawn: Sequence[float],
    playing: bool,
    rerun: Callable[[], object],
) -> None:
    """Draw the screen at the newest look, or at the one that the learner goes back to."""
    if not told.samples:
        getting_ready(run, drawn)
        return
    steps = [sample.step for sample in told.samples]
    shown = picture_to_show(steps, playing)
    by_step = {sample.step: sample for sample in told.samples}
    sample = by_step[shown]
    copies = copies_in(run, told, sample)
    before, now = st.columns(2, gap="medium")
    with before:
        st.markdown(f":gray[●] **Before its first step** it wrote{_end(by_step.get(0))}")
        with st.container(height=TEXT_HEIGHT, border=False, key=f"{QUOTED}-first"):
            first = by_step.get(0)
            st.markdown(
                sample_text(run, first)
                if first
                else "No text from before its first step is stored."
            )
    with now:
        begun = steps != [0]
        head = f"**After {shown:,} step{'s' * (shown != 1)}** it writes{_end(sample)}"
        st.markdown(f":blue[●] {head if begun else '**Training has begun**'}")
        with st.container(height=TEXT_HEIGHT, border=False, key=f"{QUOTED}-newest"):
            st.markdown(sample_text(run, sample, copies) if begun else SOON)
    if said := said_of(run, told, curve, sample, copies) if begun else "":
        st.markdown(said)
    left, right = st.columns(2, gap="medium") if told.film else (st.container(), None)
    with left:
        if run.config.method == "reward":
            rewarded(run, told)
        else:
            st.markdown(unsure_in_words(told.evals, shown))
            live_plot(
                unsure_curve(curve, told.evals, run.num_steps, drawn, shown),
                key=f"unsure-{run.id}",
                label=describe_unsure(told.evals, drawn),
                height=CHART_HEIGHT,
            )
    if right is not None:
        with right:
            expected(run, told, shown)
    look_back(steps, shown, playing, rerun)


def rewarded(run: RunRow, told: Told) -> None:
    """The curve of a run that learns from rewards: there is no text that it is to predict."""
    said = rewards_in_words(told.rewards)
    st.markdown(said)
    live_plot(
        reward_curve([("reward", "fine-tuned", told.rewards)], run.num_steps),
        key=f"reward-{run.id}",
        label=said,
        height=CHART_HEIGHT,
    )


def said_of(
    run: RunRow, told: Told, curve: Sequence[CurvePoint], sample: Sampled, copies: Copies | None
) -> str:
    """Markdown: what the tables say of a text, or else whether it is learned or copied."""
    if not searched(run):
        return counted(run, sample)
    if run.active:
        return so_far(told, curve, copies)
    return copied_in_words(copies) if copies is not None else ""


def _end(sample: Sampled | None) -> str:
    return f", after “{literal(sample.prompt)}”:" if sample and sample.prompt.strip() else ":"


def getting_ready(run: RunRow, drawn: Sequence[float]) -> None:
    """Say what is being done until there is something to see; show the drawing if there is one."""
    now = "**What is being done.** The program"
    if run.status == "queued":
        now = f"**It waits for its turn.** {why_it_waits()} Then the program"
    st.markdown(
        f"{now} reads the corpus *{literal(run.corpus)}*. It learns "
        "which pieces of words stand in it most often: this is the **vocabulary**. Then it turns "
        "the text into those pieces. After that it lets the model write **before its first step**, "
        "while its weights, the numbers that it learns, are random. From then on you see what "
        "changes: at first after a few steps, later from time to time."
    )
    if drawn:
        st.markdown("This is the curve that you drew. What is measured will be laid over it.")
        live_plot(
            unsure_curve((), (), run.num_steps, drawn),
            key=f"unsure-{run.id}",
            label=describe_unsure((), drawn),
            height=CHART_HEIGHT,
        )


def unsure_in_words(evals: Sequence[EvalDone], shown: int) -> str:
    """Markdown: among how many pieces of words the model hesitates, and on how much text."""
    found = next((one for one in evals if one.step == shown), evals[-1] if evals else None)
    if found is None or charts.gap(found.perplexity) is None:
        return "How unsure it is was not measured at this step."
    first = evals[0]
    was = (
        f" At first it was {pieces(first.perplexity)}{_also_on(first, found)}."
        if first.step == 0 < found.step and charts.gap(first.perplexity) is not None
        else ""
    )
    return (
        f"It hesitates as among **{pieces(found.perplexity)} pieces of words**, measured on "
        f"{found.num_tokens:,} pieces of unseen text.{was}"
    )


def _also_on(first: EvalDone, found: EvalDone) -> str:
    """On how many pieces another look was measured, where that is not the same number."""
    if first.num_tokens == found.num_tokens:
        return ""
    return f", measured on {first.num_tokens:,} of such pieces"


def expected(run: RunRow, told: Told, step: int) -> None:
    """The odds of the next word after one sentence, or of the next token where that is wanted."""
    words = next((one for one in told.words if one.step == step), None)
    tokens = next((one for one in told.film if one.step == step), None)
    picture = tokens if wants_tokens() or words is None else words
    if picture is None:
        return
    model = "untrained" if step == 0 and run.config.init == "random" else "base"
    prompt = f"After “{literal(picture.prompt[-60:])}” it expects"
    if isinstance(picture, NextWordOdds):
        st.markdown(f"{prompt} {_likeliest(picture)}")
        found = WholeOdds(tuple(map(Likely, picture.words, picture.probabilities)), picture.rest)
        right = right_word(run, picture)
        others = percent(found.rest)
        told_so = ", ".join(
            f"{one.text.strip()} {percent(one.probability)}" for one in found.likely
        )
        figure = whole_bars(found, model, gold=right)
        figure["layout"]["xaxis"] |= {"visible": False}  # each bar has its figure beside it
        figure["layout"]["margin"] |= {"t": 4, "b": 4}
        live_plot(
            figure,
            key="live-odds",
            label=f"Likeliest next words at step {step}: {told_so}; all others {others}",
            height=CHART_HEIGHT,
        )
        return
    st.markdown(f"{prompt} these pieces of words next:")
    _tokens(picture, model)


def _likeliest(picture: NextWordOdds) -> str:
    if not picture.words or picture.probabilities[0] < LEAST_TOLD:
        return "no word much more than any other."
    likeliest = literal(picture.words[0].strip()) or "↵"
    return f"**{likeliest}** with {percent(picture.probabilities[0])}."


def _tokens(picture: NextTokenOdds, model: str) -> None:
    pairs = list(zip(picture.tokens, picture.probabilities, strict=True))[:7]
    live_plot(
        charts.odds_bars({model: pairs}),
        key="live-odds",
        label="Most probable next tokens: "
        + ", ".join(f"{text.strip()} {percent(chance)}" for text, chance in pairs),
        height=CHART_HEIGHT,
    )


def look_back(steps: Sequence[int], shown: int, playing: bool, rerun: Callable[[], object]) -> None:
    """Words or tokens; a slider over all looks and a button that plays them, once there are two."""
    if playing and shown == steps[-1]:
        st.session_state[keys.FILM_PLAYS] = False
        rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tokens = choose_unit()
        if st.session_state.setdefault(_TOKENS, tokens) != tokens:
            st.session_state[_TOKENS] = tokens
            rerun()  # "How the odds moved" is another part of the page, and shows them too
        if len(steps) < 2:
            return
        st.select_slider("Look back at step", steps, key=keys.FILM, width="stretch")
        if st.button("Stop the film" if playing else "Play it as a film", key="film-button"):
            st.session_state[keys.FILM_PLAYS] = not playing
            st.session_state[_REWIND] = not playing
            rerun()


_LAST = "film_last"  # the newest step at the time when the film was last drawn
_REWIND = "film_rewind"
_TOKENS = "film_tokens"  # whether tokens were wanted when the whole page was last drawn for it


def picture_to_show(steps: Sequence[int], playing: bool) -> int:
    """Move the slider before it is drawn, and return its step.

    While the film plays, it moves one picture on. Otherwise it follows the newest picture,
    unless the learner moved it to an older one.
    """
    kept = st.session_state.get(keys.FILM)
    if st.session_state.pop(_REWIND, False):
        now = steps[0]
    elif playing and kept in steps:
        now = steps[min(steps.index(kept) + 1, len(steps) - 1)]
    elif kept is None or kept not in steps or kept == st.session_state.get(_LAST):
        now = steps[-1]
    else:
        now = int(kept)
    st.session_state[_LAST] = steps[-1]
    if len(steps) > 1:
        st.session_state[keys.FILM] = now
    return int(now)

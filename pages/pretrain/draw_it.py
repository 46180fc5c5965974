"""The curve that a learner expects: drawn before the training, and judged after it.

A drawing is the perplexity at a few moments of the run. It is kept with the run that it was drawn
for, and with the two numbers that it begins and ends with, which are predictions of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from pages.pretrain import keys
from tinylm.events import EvalDone
from tinylm.recorded import recording
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.element import own_element
from ui.predict import DRAWN, DRAWN_AT, keep_number, reveal_number

AT = DRAWN_AT  # where there is a handle
DECADE = 25  # positions of a handle for each factor of ten
MOST = 4 * DECADE  # the highest position: 10,000
MARKS = (1, 10, 100, 1_000, 10_000)
UNTOUCHED = (2 * DECADE,) * len(AT)
AT_FIRST = "Before its first step: among how many pieces of words does it hesitate?"
AT_LAST = "After its last step: among how many pieces of words does it still hesitate?"

_HTML = """
<div class="tinylm-drawing">
  <div class="frame">
    <svg viewBox="0 0 320 170" preserveAspectRatio="none" aria-hidden="true"></svg>
  </div>
  <div class="handles" role="group" aria-label="The curve that you expect"></div>
</div>
"""
_element = own_element(__file__, "tinylm_drawing", _HTML)


def draw_it(steps: int, vocab_size: int) -> list[float]:
    """Ask for the curve that the learner expects over `steps`; [] until a handle was moved.

    The model chooses among `vocab_size` pieces, or fewer where the text is short.

    The numbers are perplexities at AT.
    """
    st.markdown(
        "**Predict: draw the curve you expect.** At each place of a text the model hesitates "
        "between several pieces of words. This number of pieces is called its **perplexity**: at 1 "
        f"it is sure. {of_another_vocabulary(vocab_size)} Where does the curve begin, how fast "
        "does it fall, and where does it end? Pull the five points up or down."
    )
    before = st.session_state.get(keys.DRAWING) or list(UNTOUCHED)
    result = _element(
        key=f"{keys.DRAWING}-element",
        data={
            "at": AT,
            "names": ["before step 1", *(f"step {round(at * steps):,}" for at in AT[1:])],
            "marks": MARKS,
            "values": before,
            "decade": DECADE,
            "most": MOST,
        },
        default={"drawn": None},
        on_drawn_change=lambda: None,
    )
    if result.drawn:
        st.session_state[keys.DRAWING] = positions(result.drawn)
    return [10 ** (at / DECADE) for at in st.session_state.get(keys.DRAWING) or ()]


def of_another_vocabulary(vocab_size: int) -> str:
    """How many pieces this model tells apart, beside the model on Start; not the number itself.

    The number would give the beginning of the curve away.
    """
    ratio = vocab_size / recording().vocab_size
    many = "as many" if ratio == 1 else f"{ratio:.0%} as many" if ratio < 1 else "more"
    than = "than" if ratio > 1 else "as"
    return (
        "The pieces that a model can choose among are its **vocabulary**: this one has "
        f"{many} {than} the model on Start."
    )


def positions(sent: object) -> list[int]:
    """The positions of the handles as a browser sent them; [] for anything else."""
    if not isinstance(sent, list) or len(sent) != len(AT):
        return []
    good = all(isinstance(one, int | float) and 0 <= one <= MOST for one in sent)
    return [round(one) for one in sent] if good else []


def keep_drawing(run_id: str, drawn: Sequence[float]) -> None:
    """Keep a drawing with the run that it was made for; from now on it cannot be changed."""
    if not drawn:
        return
    state.keep_answer(_name(run_id), [round(one, 2) for one in drawn])
    keep_number(keys.PREDICTION, AT_FIRST, rounded(drawn[0]), run_id)
    keep_number(keys.PREDICTED_END, AT_LAST, rounded(drawn[-1]), run_id)
    st.session_state[keys.DRAWING] = None


def drawing_of(run_id: str) -> list[float]:
    """What was drawn for this run; [] for nothing."""
    stored = state.answers().get(_name(run_id))
    if not isinstance(stored, list) or len(stored) != len(AT):
        return []
    return [float(one) for one in stored if isinstance(one, int | float) and one >= 1]


def _name(run_id: str) -> str:
    return f"{DRAWN}{run_id}"


def rounded(number: float) -> float:
    """A number with two digits, as the handles show it."""
    return float(f"{number:.1f}") if number < 9.5 else float(f"{number:.2g}")


def judge(run: RunRow, evals: Sequence[EvalDone], vocab_size: int) -> None:
    """Judge the drawing of a finished run beside the measured curve; nothing without a drawing."""
    drawn = drawing_of(run.id)
    if len(drawn) != len(AT) or len(evals) < 2 or evals[0].step:
        return
    first, last = evals[0], evals[-1]
    if not all(math.isfinite(one.perplexity) for one in (first, last)):
        return
    st.subheader("Your drawing and what was measured", anchor=False)
    above = (
        " It even hesitates among a little more than that: random weights prefer some pieces, and "
        "those are seldom the ones that come."
        if first.perplexity > vocab_size
        else ""
    )
    reveal_number(
        keys.PREDICTION,
        first.perplexity,
        f"Before its first step it hesitated among {first.perplexity:,.0f} pieces.",
        f"It knows {vocab_size:,} pieces of words. Its weights were random, so all of them seemed "
        f"about equally likely to come next.{above}",
        run.id,
    )
    reveal_number(
        keys.PREDICTED_END,
        last.perplexity,
        f"After step {last.step:,} it hesitates among {last.perplexity:.1f} pieces.",
        "It cannot reach 1: nobody can know for sure how a text goes on. Much of what is left is "
        "free choice: which country, which animal, which sentence comes next.",
        run.id,
    )
    st.markdown(shape_in_words(drawn, evals, run.num_steps))


def shape_in_words(drawn: Sequence[float], evals: Sequence[EvalDone], steps: int) -> str:
    """Markdown: when half of the fall was over, measured and as drawn."""
    measured = half_way([one.step for one in evals], [one.perplexity for one in evals])
    expected = half_way([at * steps for at in AT], drawn)
    if measured is None:
        return "The measured curve did not fall: this run learned nothing that helps on new text."
    found = (
        f"**Half of the fall was over after {measured:,.0f} of {steps:,} steps** (counted in "
        "halvings: from 1,000 to 500 is as much as from 10 to 5)."
    )
    if expected is None:
        return f"{found} The curve that you drew does not fall."
    ratio = expected / max(measured, 1)
    word = (
        "That is about where you drew it."
        if 0.5 <= ratio <= 2
        else f"You drew it {'later' if ratio > 1 else 'earlier'}, after {expected:,.0f} steps."
    )
    return (
        f"{found} {word} What is frequent is learned first and fast: which pieces stand often, "
        "and which follow each other. *What prediction alone has taught it*, below, shows the rest."
    )


def half_way(steps: Sequence[float], perplexities: Sequence[float]) -> float | None:
    """The step at which the logarithm has come half of its way down; None if it does not fall."""
    logs = [math.log(one) for one in perplexities]
    goal = (logs[0] + logs[-1]) / 2
    if logs[-1] >= logs[0]:
        return None
    for place in range(1, len(logs)):
        if logs[place] <= goal:
            before, after = logs[place - 1], logs[place]
            share = (before - goal) / (before - after)
            return steps[place - 1] + share * (steps[place] - steps[place - 1])
    return None

"""Two steps at once: the model knows both facts, and does not put them together."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from msgspec.structs import asdict

from pages.limits import keys
from pages.limits.charts import describe, pooled, share_bars
from pages.limits.whose import Asked
from tinylm.predictions import SHARE
from tinylm.questions.limits import Composed, TwoSteps
from tinylm.questions.models import Share
from ui.asking import ask
from ui.charts.base import BLUE, GREEN, OCHRE
from ui.choosing import SEED
from ui.frame import literal, numbers_behind, page_of
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number

SHOTS = 4
EXAMPLE = ("France", "Spain", "Madrid")
SHARES = ("one", "two", "parts", "whole", "after_parts", "skipped", "control", "control_parts")


def two_steps(model: Asked) -> None:
    """Predict how often both steps at once succeed, and see it beside each step alone."""
    start, middle, end = EXAMPLE
    st.markdown(
        f"A neighbour of {start} is {middle}. The capital of {middle} is {end}. So what is the "
        f"capital of {start}'s neighbour? For you that is two steps. The model gets {SHOTS} solved "
        f"examples, then `{start} ->`, and has to say **{end}** at once. "
        "Some countries have several neighbours. The text that it read tells of one for each, and "
        "only that one's capital counts as right."
    )
    if not predict_number(
        keys.PREDICTED_TWO_STEPS,
        "Which share of the questions whose two steps it knows does it answer at once?",
        0,
        100,
        model.setting,
        unit=SHARE,
    ):
        return
    asked = TwoSteps(model.run, model.step, num_fewshot=SHOTS, seed=SEED)
    found = ask(asked, "Asking each step alone, then both at once …")
    if found is None:
        return
    if not found.kinds:
        st.info("The world that this model read has too few neighbours to ask for.", icon="🧩")
        return
    _measured(found.kinds, model)


def _measured(kinds: Sequence[Composed], model: Asked) -> None:
    after = pooled([one.after_parts for one in kinds])
    parts = pooled([one.parts for one in kinds])
    skipped = pooled([one.skipped for one in kinds])
    control = pooled([one.control_parts for one in kinds])
    if after.n:
        reveal_number(
            keys.PREDICTED_TWO_STEPS,
            100 * after.accuracy,
            f"It knows both steps of {parts.correct} of {parts.n} questions, and answers "
            f"{after.correct} of these {after.n} at once: {after.accuracy:.0%}.",
            why(after, skipped, control),
            model.setting,
        )
    else:
        st.markdown("It does not know both steps of any question: ask a model trained for longer.")
    shown = bars(kinds)
    live_plot(
        share_bars(shown, (BLUE, BLUE, BLUE, GREEN, OCHRE)),
        key="limits-two-steps",
        label=f"Answered right. {describe(shown)}.",
        height=300,
    )
    st.markdown(
        f"**The bars count all {shown['both at once'].n} questions**, also those of which the "
        f"model does not know both steps. {bases(after, shown['both at once'])}The thin lines are "
        "95 % intervals. One example of each kind, with its figures:"
    )
    for one in kinds:
        start, middle, end = map(literal, one.asked)
        st.markdown(
            f"- {start} → {middle} → **{end}**: first step {one.one.accuracy:.0%}, second "
            f"{one.two.accuracy:.0%}, both at once {one.whole.accuracy:.0%}; always giving the "
            f"commonest answer would be right in {one.majority:.0%} (n = {one.whole.n})"
        )
    st.page_link(
        page_of("steps"),
        label="Does it help to write out the step in between? **Try it step by step**",
        icon="🪜",
    )
    numbers_behind([_row(one) for one in kinds], "limits-two-steps-table")


def bases(after: Share, whole: Share) -> str:
    """Why the share in the verdict is another one than in the chart; "" if nothing is known."""
    if not after.n:
        return ""
    return (
        f"So “both at once” is {whole.correct} of {whole.n} there, which is {whole.accuracy:.0%}. "
        f"The {after.accuracy:.0%} above are {after.correct} of the {after.n} whose two steps it "
        "knows. "
    )


def bars(kinds: Sequence[Composed]) -> dict[str, Share]:
    """The shares over all compositions, by what they say."""
    return {
        "first step alone": pooled([one.one for one in kinds]),
        "second step alone": pooled([one.two for one in kinds]),
        "both at once": pooled([one.whole for one in kinds]),
        "skips a step": pooled([one.skipped for one in kinds]),
        "after shuffled answers": pooled([one.control for one in kinds]),
    }


def why(after: Share, skipped: Share, control: Share) -> str:
    """Markdown: what the measurement says about reasoning, its short cut and its control.

    `after` and `control` are shares of the same items: those whose two steps the model knows.
    """
    said = (
        f"In {skipped.accuracy:.0%} of all it **skips a step**: it gives the capital, language or "
        "currency of the first country itself, as if you had said *Paris*. As a control, the "
        "answers of the examples are shuffled. They still show what form an answer has, but no "
        f"longer that two steps are wanted. Then it is right in {control.accuracy:.0%} of the "
        "questions whose two steps it knows. "
    )
    if after.low > control.high:
        return said + "So it does put some facts together, though it was never shown how."
    return said + (
        "That is too close to tell apart. So it is not shown that it puts two facts together. It "
        "knows each fact as the end of a line. Nothing taught it to use one line to find the next."
    )


def _row(one: Composed) -> dict[str, object]:
    row: dict[str, object] = {"first": one.first, "second": one.second}
    row["always the commonest answer"] = one.majority
    for name in SHARES:
        share: Share = getattr(one, name)
        row |= {f"{name} {what}": value for what, value in asdict(share).items() if what != "low"}
    return row

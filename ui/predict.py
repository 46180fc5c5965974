"""Predict, run, reveal, explain: a page asks what will happen before it shows it.

A question is asked once. The prediction is then locked to the setting that it was asked for (a run,
a task, a number of examples), and judged in words once that is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import streamlit as st

from tinylm.predictions import POINTS, PREDICTED, SHARE, Kept, read_kept, said
from ui import state
from ui.frame import then_all
from ui.verdicts import choice_in_words, judge_choice, judge_number, number_in_words

# Before the id of a run, in the learner's answers: the perplexities that were drawn for it, at
# these moments of the run.
DRAWN = "drawn curve of "
DRAWN_AT = (0.0, 0.1, 0.3, 0.6, 1.0)
# The keys of the predictions that are kept with a drawing: where its curve begins and ends.
DRAWN_ENDS = ("untrained-perplexity", "trained-perplexity")

# Before the key of a question whose measured answer this learner has seen, guessed or not.
SEEN = "seen: "

# How a slider writes a number.
UNITS = {SHARE: "%d %%", POINTS: "%d"}
# Between the key of a prediction and the setting that it was asked for.
OF = " of "


def asked(answers: Mapping[str, object], key: str) -> bool:
    """Whether a learner predicted this at any setting."""
    whole = f"{PREDICTED}{key}"
    return bool(answers.get(key)) or any(
        name == whole or name.startswith(f"{whole}{OF}") for name in answers
    )


def seen(answers: Mapping[str, object], key: str) -> bool:
    """Whether a learner has seen what was measured for this question, at any setting."""
    whole = f"{PREDICTED}{key}"
    return bool(answers.get(f"{SEEN}{key}")) or any(
        name == whole or name.startswith(f"{whole}{OF}")
        for name in answers
        if (kept := read_kept(answers[name])) is not None and kept.measured
    )


def predict(
    key: str,
    question: str,
    options: Sequence[str],
    setting: str = "",
    *,
    ordered: bool = False,
    skip: bool = True,
) -> bool:
    """Ask for one of `options`, once; True as soon as the page may show what was measured.

    `setting` names all that the answer depends on. With another setting the question is asked
    anew. `ordered` says that the first option is the opposite of the last one. Without `skip`
    there is no way past the question, for questions that are asked before anything is measured.
    """
    name = _name(key, setting)
    if _given(name, question):
        return True
    with st.container(border=True):
        st.markdown(f"**Predict.** {question}")
        with st.container(horizontal=True):
            for place, option in enumerate(options):
                found = {"options": tuple(options), "ordered": ordered}
                st.button(
                    option,
                    key=f"guess-{name}-{place}",
                    on_click=then_all(_keep),
                    args=(name, question, option),
                    kwargs=found,
                )
            if skip:
                _skip_button(name)
    return False


def predict_number(
    key: str,
    question: str,
    low: float,
    high: float,
    setting: str = "",
    *,
    unit: str = "",
    skip: bool = True,
) -> bool:
    """Ask for a number from `low` to `high`, once; True as soon as the page may show it.

    See `predict`. A number with the unit SHARE or POINTS is chosen on a slider.
    """
    name = _name(key, setting)
    if _given(name, question):
        return True
    with st.container(border=True), st.form(f"form-{name}", border=False):
        number: float | None
        st.markdown(f"**Predict.** {question}")
        label, box = f"Your guess{f' ({unit})' if unit else ''}", f"guess-{name}"
        if unit in UNITS:
            number = st.slider(
                label, int(low), int(high), int(low + high) // 2, format=UNITS[unit], key=box
            )
        else:
            number = st.number_input(
                label,
                low,
                high,
                None,
                placeholder="Type a number",
                key=box,
                width=240,
            )
        with st.container(horizontal=True):
            given = st.form_submit_button("That is my guess", key=f"give-{name}")
            if skip:
                _skip_button(name, in_form=True)
    if given and number is None:
        st.info("Type a number first: a rough one will do.", icon="✏️")
    elif given and number is not None:
        then_all(_keep)(name, question, float(number), unit=unit)
    return False


def keep_number(key: str, question: str, guess: float, setting: str, unit: str = "") -> None:
    """Keep a number that a page asked for in a way of its own, as `predict_number` keeps one."""
    _keep(_name(key, setting), question, guess, unit=unit)


def reveal(
    key: str,
    measured: str,
    because: str,
    setting: str = "",
    *,
    right: str | Sequence[str],
) -> None:
    """Judge the prediction for this setting in words, with what was measured and the reason.

    `right` is the right option, or several. An empty one says that the measurement cannot tell.
    `measured` and `because` are read as Markdown.
    """
    name = _name(key, setting)
    kept = _kept(name)
    words, verdict = "", ""
    if kept is not None:
        fitting = (right,) if isinstance(right, str) and right else tuple(right)
        judged = judge_choice(str(kept.guess), fitting, kept.options if kept.ordered else ())
        verdict, words = judged.value, choice_in_words(str(kept.guess), judged)
    _show(key, name, kept, words, verdict, measured, because)


def reveal_number(
    key: str,
    value: float,
    measured: str,
    because: str,
    setting: str = "",
    *,
    to: float | None = None,
) -> None:
    """Judge a predicted number beside the measured `value`; see `reveal`.

    With `to`, it was measured only that the true value lies between `value` and `to`.
    """
    name = _name(key, setting)
    kept = _kept(name)
    words, verdict = "", ""
    if kept is not None and isinstance(kept.guess, float | int):
        verdict = judge_number(kept.guess, value, kept.unit, to=to).value
        words = number_in_words(kept.guess, value, kept.unit, to=to)
    _show(key, name, kept, words, verdict, measured, because)


def _show(
    key: str, name: str, kept: Kept | None, words: str, verdict: str, measured: str, because: str
) -> None:
    """Draw the verdict, and keep it with the prediction."""
    if kept is not None and (kept.measured, kept.verdict) != (measured, verdict):
        changed = msgspec.structs.replace(kept, measured=measured, verdict=verdict)
        state.keep_answer(f"{PREDICTED}{name}", msgspec.to_builtins(changed))
    state.keep_once(f"{SEEN}{key}")
    elsewhere = kept is None and asked(state.answers(), key)
    with st.container(border=True, gap="xxsmall"):
        st.markdown(f"{words} **{measured}**".strip())
        st.markdown(because)
        if elsewhere:
            st.markdown("Your prediction was for other settings, so it is not judged here.")


def _name(key: str, setting: str) -> str:
    return f"{key}{OF}{setting}" if setting else key


def _skipped(name: str) -> str:
    return f"skipped-{name}"


def _given(name: str, question: str) -> bool:
    """Show the question with what was predicted; False if it has to be asked still."""
    kept = _kept(name)
    if kept is not None:
        guess = said(kept.guess, kept.unit)
        st.markdown(f"**Your prediction.** {kept.question} You said: *{guess}*.")
        return True
    skipped = bool(st.session_state.get(_skipped(name)))
    if skipped:
        st.markdown(f"**The question.** {question}")
    return skipped


def _skip_button(name: str, *, in_form: bool = False) -> None:
    """The quiet way past a question; it lasts as long as the session."""

    def skip() -> None:
        st.session_state[_skipped(name)] = True

    label, key = "Show me without guessing", f"skip-{name}"
    if in_form:
        st.form_submit_button(label, key=key, type="tertiary", on_click=then_all(skip))
    else:
        st.button(label, key=key, type="tertiary", on_click=then_all(skip))


def _keep(
    name: str,
    question: str,
    guess: str | float,
    *,
    options: tuple[str, ...] = (),
    ordered: bool = False,
    unit: str = "",
) -> None:
    """Keep a prediction, unless there is one already: in another tab, for instance."""
    answers = state.answers()
    if read_kept(answers.get(f"{PREDICTED}{name}")) is not None:
        return
    place = 1 + sum(one.startswith(PREDICTED) for one in answers)
    kept = Kept(question, guess, place, options, ordered, unit)
    state.keep_answer(f"{PREDICTED}{name}", msgspec.to_builtins(kept))


def _kept(name: str) -> Kept | None:
    return read_kept(state.answers().get(f"{PREDICTED}{name}"))

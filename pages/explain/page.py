"""The last lesson: one's own explanation of pre-training, checked, questioned, and printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.explain import keys
from pages.explain.checking import check
from pages.explain.content import Point, points
from pages.explain.ending import offer_sheet
from pages.explain.figures import Measured, figure, measured
from pages.explain.judging import show_statements
from pages.explain.model_answers import show_questions
from pages.explain.own_answer import (
    ask_for_answer,
    checklist,
    kept_answer,
    kept_ticks,
    show_areas,
    show_checked,
)
from pages.explain.predicted import in_words, show_predictions
from tinylm.errors import TinylmError
from tinylm.predictions import predictions
from ui import state
from ui.asking import service
from ui.choosing import base_runs, choose_base, with_linked
from ui.frame import PRETRAIN, PROBLEM, heading, page_of
from ui.widgets import segments


def choose_measured() -> Measured | None:
    """Ask for the run whose figures are shown; None, with a way to one, if there is none."""
    runs = with_linked(base_runs())
    if not runs:
        show_way_to_figures()
        return None
    picked = choose_base(runs, "Your figures come from")
    return measured(service(), picked, state.learner()) if picked else None


def show_way_to_figures() -> None:
    st.info("You have no figures of your own yet: a first model takes a minute.", icon="🌱")
    st.page_link(PRETRAIN, label="**Train a model**", icon="📉")


def own_answer() -> None:
    text = ask_for_answer()
    if text:
        checked = check(text)
        ticked = kept_ticks(checked)
        show_checked(text, checked, ticked)
        checklist(checked, ticked, choose_measured())
    else:
        show_areas()
        if not base_runs():
            show_way_to_figures()
    if state.answers().get(keys.FINISHED):
        st.success("You have finished the last lesson. Your sheet is ready to be printed.")
    else:
        st.markdown("Have you said all that you can, with fewer points? Then end the lesson here.")
        st.button("I have finished", on_click=_finish)


def _finish() -> None:
    """Keep that the lesson is done; an error is shown when the page is drawn."""
    try:
        state.keep_answer(keys.FINISHED, True)
    except TinylmError as error:
        st.session_state[PROBLEM] = str(error)


def sheet_to_print() -> None:
    """Offer the sheet, and say what stands on it and what is missing."""
    text, said = kept_answer(), predictions(state.answers())
    st.markdown(
        "One sheet for you: your answer, your figures, your predictions, and what to type to get "
        "the same figures again. It is an HTML file. Open it without the internet, and print it "
        "on A4."
    )
    known = choose_measured()
    missing = [one for one in points() if not (known and figure(one.name, known))]
    st.markdown(
        f"- answer: {f'{len(text):,} characters' if text else 'none yet'}\n"
        f"- figures: {len(points()) - len(missing)} of {len(points())}\n"
        f"- predictions: {in_words(said) if said else 'none yet'}"
    )
    offer_sheet(known, keys.SHEET)
    if missing:
        _where(missing)


def _where(missing: Sequence[Point]) -> None:
    """Show where each missing figure is measured."""
    st.subheader("Not measured yet", anchor=False)
    for lesson in dict.fromkeys(one.lesson for one in missing):
        titles = [f"- {one.title}" for one in missing if one.lesson == lesson]
        with st.container(border=True, gap="xxsmall"):
            st.page_link(page_of(lesson))
            st.markdown("\n".join(titles))


VIEWS: dict[str, tuple[str, Callable[[], None]]] = {
    "answer": ("✍️ Your answer", own_answer),
    "questions": ("❓ Questions", show_questions),
    "statements": ("⚖️ True or false?", show_statements),
    "predictions": ("🔮 Your predictions", show_predictions),
    "sheet": ("🖨️ Sheet to print", sheet_to_print),
}

heading(
    "Explain it",
    "What is pre-training, and what does it do? **Say it in your own words**: nothing shows better "
    "what you have understood. Your figures stand beside each point.",
)
titles = {name: title for name, (title, _) in VIEWS.items()}
view = segments(
    f"{len(VIEWS)} parts", list(VIEWS), "answer", key=keys.EXPLAIN_VIEW, names=titles.__getitem__
)
_, show = VIEWS.get(view, VIEWS["answer"])
show()

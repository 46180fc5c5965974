"""The last lesson: one's own explanation of pre-training, checked, questioned, and printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from pages.explain import keys
from pages.explain.checking import Checked, check
from pages.explain.content import points
from pages.explain.figures import Measured, figure, measured
from pages.explain.judging import kept_cards, show_statements
from pages.explain.model_answers import show_questions
from pages.explain.own_answer import ask_for_answer, checklist, show_checked
from pages.explain.sheet import Sheet
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import base_runs, run_titles
from ui.frame import PRETRAIN, heading, literal
from ui.predict import predictions


def first_run(runs: Sequence[RunRow]) -> int:
    """Index of the run whose figures are shown at first.

    It is the one that was last looked at, or else the one of this learner, finished and on the
    made world, with the lowest loss.
    """
    current, mine = state.current_run(), state.learner()
    ranked = sorted(
        range(len(runs)),
        key=lambda i: (
            runs[i].id != current,
            runs[i].owner != mine,
            runs[i].status != "done",
            runs[i].corpus != state.FIRST_CORPUS,
            runs[i].last_val if runs[i].last_val is not None else float("inf"),
        ),
    )
    return ranked[0]


def choose_measured() -> Measured | None:
    """Ask for the run whose figures are shown; None, with a way to one, if there is none."""
    runs = base_runs()
    if not runs:
        st.info("You have no figures of your own yet: a first model takes a minute.", icon="🌱")
        st.page_link(PRETRAIN, label="**Train a model**", icon="📉")
        return None
    titles = run_titles(runs)
    picked = st.selectbox(
        "Your figures come from",
        list(titles),
        index=first_run(runs),
        format_func=titles.__getitem__,
        key=keys.EXPLAIN_RUN,
        persist_state="session",
    )
    return measured(service(), next(run for run in runs if run.id == picked))


def finish() -> None:
    """Show whether the lesson is done, or a button that says so."""
    if state.answers().get(keys.FINISHED):
        st.success("You have finished the last lesson. Your sheet is ready to be printed.")
        return
    st.button("I have finished", on_click=lambda: state.keep_answer(keys.FINISHED, True))


def sheet_to_print(text: str, checked: Checked, known: Measured | None) -> None:
    """Offer the sheet, and say what stands on it and what is missing."""
    said = predictions(state.answers())
    sheet = Sheet(text, checked, said, kept_cards(), known, date.today())
    st.markdown(
        "One page for you, with your answer, your figures, your predictions, and what to type to "
        "get the same figures again. It is an HTML file: open it without the internet and print "
        "it on A4."
    )
    missing = [one.title for one in points() if not (known and figure(one.name, known))]
    st.markdown(
        f"- answer: {f'{len(text):,} characters' if text else 'none yet'}\n"
        f"- figures: {len(points()) - len(missing)} of {len(points())}\n"
        f"- predictions: {len(said)}, of which {sum(bool(one.measured) for one in said)} measured"
    )
    st.download_button(
        "Download the sheet",
        sheet.html(),
        "explain-pre-training.html",
        "text/html",
        icon="🖨️",
        on_click="ignore",
    )
    if missing:
        st.markdown("Not measured yet:\n" + "\n".join(f"- {literal(one)}" for one in missing))


heading(
    "Explain it",
    "You have trained a model and measured it. Now **say it in your own words**: nothing shows "
    "better what you have understood.",
)
answer, questions, judging, sheet = st.tabs(
    ["✍️ Your answer", "❓ Questions", "⚖️ True or false?", "🖨️ Sheet to print"]
)
with answer:
    text = ask_for_answer()
    checked = check(text)
    if text:
        show_checked(text, checked)
    known = choose_measured()
    checklist(checked, known)
    finish()
with questions:
    show_questions()
with judging:
    show_statements(kept_cards())
with sheet:
    sheet_to_print(text, checked, known)

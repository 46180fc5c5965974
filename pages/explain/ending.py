"""The ending: what the learner has shown, what is left, and the sheet to keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from pages.explain.checking import check
from pages.explain.content import points
from pages.explain.figures import Measured, figure, measured
from pages.explain.judging import kept_cards
from pages.explain.own_answer import kept_answer, kept_ticks
from pages.explain.sheet import Sheet
from tinylm.predictions import predictions
from tinylm.runs.store.rows import shown_id
from ui import state
from ui.asking import service
from ui.bases import newest_fit
from ui.choosing import base_runs
from ui.frame import RUNS, guarded, literal
from ui.lesson import Lesson

# Not text/html: the browser saves the file and never opens it as a page of the server, which takes
# HTML where a file is asked for as the sign of a file that is gone.
SAVED = "application/octet-stream"
# The points whose own figures tell the whole story, in the order of the path.
STORY = ("scale", "perplexity", "few-shot", "same-weights", "fine-tuning", "limits")


def offer_sheet(known: Measured | None, key: str) -> None:
    """Show the button that saves the learner's sheet."""
    text = kept_answer()
    said = predictions(state.answers())
    checked = check(text)
    ticked = kept_ticks(checked) if text else frozenset[str]()
    sheet = Sheet(text, checked, said, kept_cards(), known, date.today(), ticked)
    st.download_button(
        "Download the sheet",
        sheet.html(),
        "explain-pre-training.html",
        SAVED,
        type="primary",
        on_click="ignore",
        key=key,
    )


@guarded
def ending(key: str, left: Sequence[Lesson] = ()) -> None:
    """Say what the learner has shown, with own figures where there are any, and offer the sheet.

    `left` are the lessons that are not done yet.
    """
    learner = state.learner()
    run, why = newest_fit([one for one in base_runs() if one.owner == learner], learner)
    known = measured(service(), run, learner) if run is not None else None
    with st.container(border=True):
        title = "You have come to the end" if left else "You have gone the whole way"
        st.subheader(title, anchor=False)
        shown = story(known) if known else []
        if shown and run is not None:
            st.markdown(
                f"With the run {shown_id(run.id)} you have shown this. It is quoted because {why}."
            )
            st.markdown("\n".join(f"- **{title}.** {literal(said)}" for title, said in shown))
        else:
            st.markdown(
                "You have no figures of your own yet, because no run of yours on the whole text of "
                "the made world has finished. Train one, and they will stand here."
            )
        st.markdown(
            "The sheet holds your answer, your figures and your predictions. It is a file that "
            "opens without the internet."
        )
        offer_sheet(known, key)
        if run is not None:
            query = {state.RUN: run.id}
            st.page_link(RUNS, label="**Take its model home**", icon="🎒", query_params=query)
        if left:
            st.markdown(
                f"**{len(left)} lesson{'s' * (len(left) > 1)} left.** Each one adds figures to "
                "your sheet:"
            )
            with st.container(horizontal=True):
                for lesson in left:
                    st.page_link(lesson.page, icon=lesson.icon, label=lesson.title)


def story(known: Measured) -> list[tuple[str, str]]:
    """The titles of the points of STORY that were measured, each with the learner's figure."""
    titles = {one.name: one.title for one in points()}
    found = [(titles[name], figure(name, known)) for name in STORY]
    return [(title, said) for title, said in found if said]

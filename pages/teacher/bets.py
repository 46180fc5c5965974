"""How the class bet on a question, before the answer is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from pages.teacher import keys
from pages.teacher.charts import bars_of, drawings
from pages.teacher.reading import look
from pages.teacher.tally import Bets, counts, in_words, middle_curve, questions, revealed
from tinylm.predictions import PREDICTED
from ui.asking import service, teachers
from ui.frame import guarded, then_all
from ui.plot import live_plot
from ui.predict import DRAWN, DRAWN_AT
from ui.style import sized

TICK = 2.3  # seconds between two looks at the bets
HEIGHT = 360  # pixels
MARKS = re.compile(r"[*_`\\]")


def read_bets() -> list[Bets]:
    """The bets of all learners; what teachers try is left out, as on the board."""
    store, left_out = service().store, set(teachers().names())
    kept = [*store.kept_answers(PREDICTED), *store.kept_answers(DRAWN)]
    return questions([one for one in kept if one.owner not in left_out])


def bets() -> None:
    """Choose a question of the lessons, and show how the class bet on it."""

    @st.fragment(run_every=TICK)
    @guarded
    def show() -> None:
        look()  # for teachers only
        found = {one.name: one for one in read_bets()}
        if not found:
            st.markdown(
                "Nobody has bet yet. Each lesson asks the class to predict something first: the "
                "bets are counted here, without names."
            )
            return
        if st.session_state.get(keys.QUESTION) not in found:
            st.session_state[keys.QUESTION] = next(iter(found))
        name = st.selectbox(
            "Question",
            list(found),
            format_func=lambda one: f"{MARKS.sub('', found[one].question)} ({len(found[one])})",
            key=keys.QUESTION,
            persist_state="session",
        )
        one_question(found[name], found)

    show()


def one_question(found: Bets, others: Mapping[str, Bets]) -> None:
    st.subheader(found.question, anchor=False)
    st.markdown(in_words(found))
    if found.drawn:
        figure = drawings(found.drawn, middle_curve(found.drawn), DRAWN_AT)
    else:
        figure = bars_of(counts(found), found.unit and f"Guess ({found.unit})")
    live_plot(
        figure, key=f"bets-{found.name}", label=MARKS.sub("", in_words(found)), height=sized(HEIGHT)
    )
    shown = list(st.session_state.get(keys.REVEALED, []))
    if found.name in shown:
        with st.container(border=True, gap="xxsmall"):
            for line in revealed(found, others):
                st.markdown(line)
    else:
        label, key = "Show what was measured", f"reveal-{found.name}"
        st.button(label, type="primary", key=key, on_click=reveal_bets, args=(found.name,))


@then_all
def reveal_bets(name: str) -> None:
    st.session_state[keys.REVEALED] = [*st.session_state.get(keys.REVEALED, []), name]

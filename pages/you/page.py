"""Your code, what is stored about you, and how to delete it."""

from __future__ import annotations

import streamlit as st

from pages.you import keys
from pages.you.stored import how_long, in_words, stored_of, told, who_sees
from tinylm.corpora.files.report import counted
from tinylm.learners import LENGTH, shown_code
from tinylm.runs.forgetting import forget
from tinylm.runs.store.copies import copies_at
from tinylm.runs.store.people import LearnerRow
from ui import state, viewing
from ui.asking import service, shared_service
from ui.frame import RUNS, draw_anew, guarded, heading
from ui.whose import for_good
from ui.widgets import within

RETURN = "/return"  # the form that the server shows: server/returning.py
MOST_NAME = 40  # characters


def code() -> None:
    """The code behind a switch, because whoever sees it can become this learner."""
    st.subheader("Your code", anchor=False)
    st.markdown(
        f"Your browser keeps a **code** of {LENGTH} letters and digits. It is how this server "
        "knows what is yours. Write it down: with it you find your runs again on another device."
    )
    if st.toggle("Show my code", key=keys.SHOWN_CODE):
        st.code(shown_code(viewing.code()), language=None)
        st.markdown(
            "Keep it to yourself: whoever has it can see and delete what is yours. The button in "
            "the corner of the field copies it."
        )
    with st.container(horizontal=True):
        st.link_button("I have a code from another device", RETURN, icon="↩️")
        st.link_button("Somebody else wants to begin here", RETURN, icon="👋")


@guarded
def called() -> None:
    """Ask how the teacher shall call the learner."""
    me = service().me()
    shown = st.text_input(
        f"Your name on the teacher's board (if it is empty, you are {number_of(me)} there)",
        value=me.shown if me else "",
        key=keys.CALLED,
        width=400,
    )
    shown = within(shown, MOST_NAME)
    if shown.strip() != (me.shown if me else ""):
        service().call_me(shown)
        st.markdown("It is kept.")


def number_of(me: LearnerRow | None) -> str:
    """What the board calls somebody who gave no name."""
    return f"Learner {service().store.numbers([me])[me.name]}" if me else "a number"


@guarded
def remove() -> None:
    forget(shared_service(), state.learner())
    state.show_run("")
    state.use_corpus(state.FIRST_CORPUS)
    st.session_state.clear()
    state.notice("Everything of yours is deleted.")


@st.dialog("Delete everything of yours?")
@guarded
def ask_to_delete() -> None:
    found = stored_of(service())
    st.markdown(
        f"This deletes your {counted(found.runs, 'run')}, your "
        f"{counted(found.things, 'text or task', 'texts and tasks')}, your "
        f"{counted(found.answers, 'answer')} and your {in_words(found.questions)}. "
        f"{for_good(copies_at(service().url), where=False)}"
    )
    with st.container(horizontal=True):
        if st.button("Delete everything for good", type="primary", on_click=remove):
            draw_anew()
        if st.button("Keep it"):
            draw_anew()


def kept() -> None:
    """What is stored, who sees it, for how long, and the way to end it."""
    st.subheader("What is stored about you", anchor=False)
    found = stored_of(service())
    st.markdown(told(found))
    st.markdown(f"{who_sees(service().viewer.alone)} {how_long(service().viewer.alone)}")
    called()
    with st.container(horizontal=True):
        st.page_link(RUNS, label="See your runs", icon="🗂️")
        if found.anything and st.button("Delete everything of mine", icon="🗑️"):
            ask_to_delete()


heading(
    "You",
    "How does this server know you, and what does it know? Here is your code, and all that is "
    "stored about you.",
)
if state.learner():
    code()
    kept()
else:
    st.info(
        "Your browser keeps no cookies for this page, so nothing is stored under a name, and "
        "nothing that you make could be yours. The text of a question that you ask is kept with "
        "its answer, without your name. Allow cookies for this page, and load it again.",
        icon="🍪",
    )

"""The end of the class: what would be deleted, a question, and what was deleted."""

from __future__ import annotations

import streamlit as st

from pages.teacher import keys
from tinylm.corpora.files.report import counted
from tinylm.runs.closing import Belongs, Closed, close, learners_of, what_belongs
from tinylm.runs.store.copies import copies_at
from ui import state
from ui.asking import shared_service, teachers
from ui.frame import draw_anew, guarded, problem
from ui.whose import for_good


def close_class() -> None:
    """Say what belongs to the learners, and offer to delete all of it."""
    for sentence in st.session_state.pop(keys.NOT_CLOSED, []):
        problem(sentence)
    if said := st.session_state.pop(keys.CLOSED, ""):
        st.success(said, icon="🧹")
    service = shared_service()
    names = learners_of(service, teachers().names())
    found = what_belongs(service, names)
    if not (found.learners or found.questions):
        st.markdown("There is nothing to delete: no learner has been here.")
        return
    if found.runs or found.things or found.answers or found.questions:
        st.markdown(
            "When the lesson is over, you can delete everything of the class: "
            f"**{in_words(found)}**. All runs stop. What you made yourself stays, and so do the "
            "texts and tasks that you gave to the class."
        )
    else:
        here = counted(found.learners, "learner has", "learners have")
        st.markdown(
            f"**{here} been here and made nothing yet.** Kept are only the visit and a name, "
            "if one was typed."
        )
    if st.button("Close the class", key="close-class"):
        ask_to_close(found)


def in_words(found: Belongs) -> str:
    """How much there is of each kind."""
    parts = [
        counted(found.learners, "learner", "learners"),
        counted(found.runs, "run", "runs"),
        counted(found.things, "text or task", "texts and tasks"),
        counted(found.answers, "bet or answer", "bets and answers"),
        counted(found.questions, "question to models and texts", "questions to models and texts"),
    ]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


@st.dialog("Close the class?")
@guarded
def ask_to_close(found: Belongs) -> None:
    st.markdown(
        f"This deletes {in_words(found)}. "
        f"{for_good(copies_at(shared_service().url), where=True)} "
        "Whoever wants to keep a model takes it home first."
    )
    with st.container(horizontal=True):
        if st.button("Delete it all for good", type="primary", on_click=end_class):
            draw_anew()
        if st.button("Go on with the class"):
            draw_anew()


@guarded
def end_class() -> None:
    if not state.viewer().teacher:  # she has signed out in another window
        return
    done = close(shared_service(), teachers().names())
    st.session_state[keys.CLOSED] = report(done)
    st.session_state[keys.NOT_CLOSED] = list(done.problems)


def report(done: Closed) -> str:
    """What was deleted, in words."""
    stopped = f" {counted(done.stopped, 'run', 'runs')} had to stop." if done.stopped else ""
    return f"The class is closed. Deleted: {in_words(done.deleted)}.{stopped}"

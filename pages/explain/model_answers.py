"""Questions of three depths, with answers of ours and their sources."""

from __future__ import annotations

import streamlit as st

from pages.explain.content import DEPTHS, Question, questions, sources


def show_questions() -> None:
    """Show all questions; the answers are folded."""
    st.markdown("Say your own answer aloud first. Then open ours, and see what differs.")
    for depth in DEPTHS:
        st.subheader(depth, anchor=False)
        for question in questions():
            if question.depth == depth:
                _one(question)


def _one(question: Question) -> None:
    with st.expander(f"**{question.ask}**"):
        st.markdown(question.answer)
        st.markdown("\n".join(f"- {cited(name)}" for name in question.sources))


def cited(name: str) -> str:
    """A source in Markdown."""
    one = sources()[name]
    return f"{one.authors} ({one.year}): [{one.title}]({one.address})"

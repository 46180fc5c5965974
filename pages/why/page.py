"""Why guessing the next word is enough: what narrows it, and in which order that is learned."""

from __future__ import annotations

import streamlit as st

from pages.why import keys
from pages.why.looks import Looks, choose_looks
from pages.why.measured import OPTIONS, measured
from pages.why.sentences import show_sentences
from ui.frame import BLANK, PRETRAIN, heading, literal
from ui.predict import predict

heading(
    "Why it works",
    "Nobody told the model what a verb is, or where Paris lies. It only guessed the next word. "
    "How can that teach it so much?",
)


def three_kinds(looks: Looks) -> None:
    """One sentence of each kind, with what narrows its next word."""
    st.markdown("Read three beginnings, and ask yourself what may come next:")
    why = {
        "grammar": "**Grammar** narrows it. Many verbs fit, but only in the right form.",
        "meaning": "**Meaning** narrows it. Only words of one mood, for this thing, make sense.",
        "facts": "A **fact** narrows it. One word is right, and you know it or you do not.",
    }
    lines = [
        f"- {literal(looks.sentences(kind)[0].text)} **{BLANK}** · {told}"
        for kind, told in why.items()
    ]
    st.markdown("\n".join(lines))


looks = choose_looks()
if not looks.run:
    until = (
        "Until a run that has saved a step is chosen, these"
        if looks.choice
        else "There is no model on the made world yet. These"
    )
    st.info(
        f"{until} are the figures of the model that comes with this program, as they were "
        "recorded.",
        icon="📼",
    )
    if not looks.choice:
        st.page_link(PRETRAIN, label="**Train your own**", icon="📉")
three_kinds(looks)
if predict(
    keys.WHICH_FIRST,
    "Which of the three does a model learn first?",
    tuple(OPTIONS.values()),
    looks.run or "recorded",
):
    measured(looks)
    show_sentences(looks)
    st.subheader("Why this is enough", anchor=False)
    st.markdown(
        "- **The next word needs it all.** To guess well, a model must use whatever helps: forms, "
        "moods, facts. Each of them makes the loss smaller, so training builds each of them.\n"
        "- **The text is its own answer key.** The next word is always there to compare with. "
        "Nobody writes labels. This is called **self-supervision**, and it is why all the text of "
        "the world can be used.\n"
        "- **Much and varied text.** A rule shows only where many different sentences follow it. "
        "A fact needs to be read, best in different words. With little text a model learns the "
        "text by heart instead of the rule.\n"
        "- **Nothing more is promised.** The model learns what helps to guess. If the text is "
        "wrong, or silent, it guesses all the same."
    )

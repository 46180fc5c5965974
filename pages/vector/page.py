"""Examples become a vector: a head's output after examples, put into a prompt without any."""

from __future__ import annotations

import streamlit as st

from pages.vector import keys
from pages.vector.result import bars, meaning, one_head, silenced, turned, what_silence_costs
from tinylm.evaluation.tasks import taught_by
from tinylm.experiments.recording import Recording, recording
from tinylm.experiments.vector import EXAMPLES, EXPERIMENT, NONE, RIGHT, SHOTS, VECTOR
from ui.choosing import base_of_page
from ui.experiments import Live, bars_shown, lesson, live, over
from ui.frame import INSIDE, group_name, heading, literal
from ui.tables import small_table

heading(
    "Examples become a vector",
    f"After {SHOTS} examples of capitals, the model goes on with a capital. What have the "
    "examples left behind in it? We catch it as **one list of numbers**. Then we take the examples "
    "away, and put the list in their place.",
)
found = recording(EXPERIMENT.name)


def picture(now: Live) -> None:
    """The bars, with the live measurement over them."""
    drawn = bars(found, now)
    bars_shown(drawn, "Facts answered right", key="vector-bars", height=260)


def lead() -> str:
    """Say what a head is; returns what the learner is asked to guess."""
    st.markdown(
        "A **head** is a part of the model that looks back over the text. At each token it writes "
        "a list of numbers, also called a *vector*. We read what one head writes at the end of "
        "prompts with examples, and take the mean over many prompts of one relation. This list "
        "goes into the same head, at the end of a prompt **without** an example."
    )
    none, examples = (over(found, arm, RIGHT) for arm in (NONE, EXAMPLES))
    asked = "What share of the facts does the model answer right with the list in place?"
    if none is not None and examples is not None:
        asked = (
            f"Without an example this model answers {none.mean:.0%} of the facts right, and with "
            f"{SHOTS} examples {examples.mean:.0%}. {asked}"
        )
    return asked


def repeat() -> None:
    """Measure the run of this page, if there is one and its text has facts to ask for."""
    base = base_of_page()
    if base is None:
        picture(Live(0, ()))
    elif not any(task.name == "facts" for task in taught_by(base.corpus)):
        st.info(
            "The text of this run has no facts to ask for: choose a run of the made world.",
            icon="🧲",
        )
        picture(Live(0, ()))
    else:
        live(EXPERIMENT, picture, found, base=base)


def more(found: Recording) -> None:
    """Folded: some answers, the copy between two prompts, and heads silenced in turn."""
    st.markdown(one_head(found))
    st.markdown(turned(found))
    st.page_link(INSIDE, label="Copy it yourself: **Inside**, Advanced, *Patch a head*", icon="🔬")
    shown = found.of(VECTOR)[0].measured.shown
    if shown:
        with st.expander("Some answers, without an example"):
            small_table(
                [
                    {
                        "relation": literal(group_name(one.title)),
                        "prompt": literal(one.prompt),
                        "answer": literal(one.answer),
                        "right": literal(one.right),
                    }
                    for one in shown
                ],
                "vector-shown",
            )
    with st.expander("Advanced: what is lost without each head", icon="🔧"):
        st.markdown(what_silence_costs(found))
        small_table(silenced(found), "vector-silenced")
        st.markdown(
            "These are means over the seeds. Single seeds differ much in the last two columns: see "
            "*All recorded numbers*."
        )


lesson(
    EXPERIMENT,
    found,
    key=keys.PREDICTED,
    asked=lead(),
    known=over(found, VECTOR, RIGHT),
    meaning=meaning,
    repeat=repeat,
    more=more,
)

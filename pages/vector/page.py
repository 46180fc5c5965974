"""Examples become a vector: a head's output after examples, put into a prompt without any."""

from __future__ import annotations

import streamlit as st

from pages.vector import keys
from pages.vector.result import bars, meaning, one_head, silenced, turned, what_silence_costs
from tinylm.evaluation.tasks import taught_by
from tinylm.experiments.recording import recording
from tinylm.experiments.vector import EXAMPLES, EXPERIMENT, NONE, RIGHT, SHOTS, VECTOR
from tinylm.runs.store.rows import RunRow
from ui.choosing import base_of_page
from ui.experiments import Live, bars_shown, behind, live, not_recorded, over, recorded_line
from ui.frame import INSIDE, group_name, heading, literal
from ui.predict import predict_number, reveal_number
from ui.tables import small_table
from ui.verdicts import SHARE

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


def lesson() -> None:
    st.markdown(
        "A **head** is a part of the model that looks back over the text. At each token it writes "
        "a list of numbers, also called a *vector*. We read what one head writes at the end of "
        "prompts with examples, and take the mean over many prompts of one relation. This list "
        "goes into the same head, at the end of a prompt **without** an example."
    )
    known, none, examples = (over(found, arm, RIGHT) for arm in (VECTOR, NONE, EXAMPLES))
    asked = "What share of the facts does the model answer right with the list in place?"
    if none is not None and examples is not None:
        asked = (
            f"Without an example this model answers {none.mean:.0%} of the facts right, and with "
            f"{SHOTS} examples {examples.mean:.0%}. {asked}"
        )
    if not predict_number(keys.PREDICTED, asked, 0, 100, unit=SHARE):
        return
    if found is None or known is None:
        not_recorded()
    else:
        reveal_number(
            keys.PREDICTED, 100 * known.mean, f"Measured: {known.mean:.0%}.", meaning(found)
        )
    base = base_of_page()
    if base is None:
        picture(Live(0, ()))
    else:
        on_base(base)
    if found is not None:
        recorded_line(found)
        more()
    behind(EXPERIMENT, found)


def on_base(base: RunRow) -> None:
    """Measure this run, if its text has facts to ask for."""
    if not any(task.name == "facts" for task in taught_by(base.corpus)):
        st.info(
            "The text of this run has no facts to ask for: choose a run of the made world.",
            icon="🧲",
        )
        picture(Live(0, ()))
        return
    live(EXPERIMENT, picture, found, base=base)


def more() -> None:
    """Folded: some answers, the copy between two prompts, and heads silenced in turn."""
    assert found is not None
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


lesson()

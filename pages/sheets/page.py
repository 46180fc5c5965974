"""What makes few-shot: worksheets of half of the relations, and questions about all of them."""

from __future__ import annotations

import streamlit as st

from pages.sheets import keys
from pages.sheets.result import MANY, bars, longer, longer_in_words, meaning, wordings
from tinylm.experiments.recording import Recording, recording
from tinylm.experiments.sheets import EXPERIMENT, LABELS, LONG, PER_LABEL, UNSEEN, WORDS, few_shot
from ui.experiments import Live, bars_shown, lesson, live, over, some_answers
from ui.frame import heading, literal

heading(
    "What makes few-shot",
    "A *worksheet* in the text has lines such as `Peru -> Lima`. Here the text has worksheets of "
    "only **half** of the relations, for example of capitals but not of currencies. All facts of "
    "both halves stand in its sentences. Then the model gets examples of each kind.",
)
found = recording(EXPERIMENT.name)
RIGHT = few_shot(UNSEEN, MANY)


def steps(arm: str) -> int:
    """How many updates the training of an arm has."""
    return EXPERIMENT.config(EXPERIMENT.arm(arm), 1).train.steps


def picture(now: Live) -> None:
    """The bars, with the live repetition over them."""
    drawn = bars(found, now)
    bars_shown(drawn, "Facts answered right", key="sheets-bars", height=300)


def more(found: Recording) -> None:
    """Folded: a longer training with tables, three wordings, invented labels, some answers."""
    if said := longer_in_words(found):
        with st.expander("Can it learn an exercise from examples after all?"):
            st.markdown(
                f"Here the training has {steps(LONG):,} updates instead of {steps('half'):,}. A "
                "part of the worksheets gives way to **tables without names**, with rows such as "
                "`Peru | Lima | sol`. None of the facts that are asked stands in such a row."
            )
            bars_shown(longer(found), "Answered right", key="sheets-longer", height=200)
            st.markdown(said)
    with st.expander("Asked without examples, the wording decides"):
        drawn = wordings(found, Live(0, ()))
        bars_shown(drawn, "Answered right", key="sheets-wordings", height=220)
        said = "; ".join(
            f"as *{literal(one.name)}* {one.recorded.mean:.0%}"
            for one in drawn
            if one.recorded is not None
        )
        st.markdown(
            f"These are the same facts each time, of relations in no worksheet: {said}. A model "
            "answers best in the words that it has read."
        )
    labels = over(found, "half", LABELS)
    if labels is not None:
        with st.expander("And labels that no text has?"):
            st.markdown(
                f"{2 * PER_LABEL} lines sort animals and countries under two invented words, such "
                f"as `Peru -> {WORDS[0]}`. One more line is to be sorted. The model is right in "
                f"**{labels.mean:.0%}** (seeds: {labels.lowest:.0%} to {labels.highest:.0%}); "
                f"choosing blindly gives {1 / 2:.0%}."
            )
    some_answers([(f"Exercise {one.title}.", one) for one in found.of("half")[0].measured.shown])


lesson(
    EXPERIMENT,
    found,
    key=keys.PREDICTED,
    asked=f"After {MANY} examples of an exercise that stands in **no** worksheet of its text: what "
    "share of the facts does the model answer right?",
    known=over(found, "half", RIGHT),
    meaning=meaning,
    repeat=lambda: live(EXPERIMENT, picture, found, arms=[EXPERIMENT.arm("half")]),
    more=more,
)

"""Was it sudden? The same answers, counted as a whole, token by token, and by their odds."""

from __future__ import annotations

import streamlit as st

from pages.sudden import keys
from pages.sudden.charts import describe, lines
from pages.sudden.result import conclusion, table, told
from pages.sudden.ways import lag, mean_way, way_of, ways
from tinylm.experiments.recording import recording
from tinylm.experiments.sudden import EXPERIMENT, RUN, TASKS, TENTH
from tinylm.predictions import SHARE
from ui.experiments import Live, behind, live, not_recorded
from ui.frame import heading, literal
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number
from ui.tables import small_table

heading(
    "Was it sudden?",
    "Some abilities of language models are said to come **all at once**. That may be the count's "
    "doing: if an answer counts only when all of it is right, a model that gets better all the "
    "time scores nothing for long. Here one training is looked at all the way, and the same "
    "answers are counted in three ways.",
)
found = recording(EXPERIMENT.name)
FIRST = next(iter(TASKS))


def lesson() -> None:
    st.markdown(
        "- **Whole answers right**: every token of the answer must be right.\n"
        "- **Single tokens right**: each token counts alone, after the right ones before it.\n"
        "- **Log-probability**: how probable the right answer is. Even a wrong answer can get "
        "nearer to it."
    )
    then = lag(found, FIRST).tokens if found is not None else None
    asked = (
        f"The model learns to translate into an invented language. At some step, {TENTH:.0%} of "
        "the whole sentences are right. What share of their *single tokens* is right then?"
    )
    if not predict_number(keys.PREDICTED, asked, 0, 100, unit=SHARE):
        return
    if found is None or then is None:
        not_recorded()
    else:
        measured = f"Measured: {then.mean:.0%}."
        reveal_number(keys.PREDICTED, 100 * then.mean, measured, told(found, FIRST))
    task = st.selectbox(
        "Which task",
        list(TASKS),
        format_func=TASKS.__getitem__,
        key=keys.SUDDEN_TASK,
        persist_state="session",
    )

    def picture(now: Live) -> None:
        recorded = mean_way(ways(found, task)) if found is not None else []
        here = way_of(now.looks(RUN), task) if now.looks(RUN) else []
        live_plot(
            lines(recorded, here), key="sudden-lines", label=describe(recorded, here), height=360
        )
        if found is not None and task != FIRST:
            st.markdown(told(found, task))

    live(EXPERIMENT, picture, found)
    if found is not None:
        st.markdown(
            f":small[Lines: {literal(found.in_words)}, their mean. Open marks: measured here.]"
        )
        st.markdown(conclusion(found))
        with st.expander("Every task"):
            st.markdown(
                f"*Then* is when whole answers have gone {TENTH:.0%} of the way from blind "
                "guessing to perfect. *Steepest* is the most that a metric gains within a tenth "
                "of the training: whole answers, then single tokens. In brackets: from the lowest "
                "seed to the highest."
            )
            small_table(table(found), "sudden-tasks")
    behind(EXPERIMENT, found)


lesson()

"""Scale: small runs are trained, a larger one is foretold, and then it is trained as well."""

from __future__ import annotations

import streamlit as st

from pages.scale import keys
from pages.scale.here import draw, live_part, own_guess
from pages.scale.parts import longest, meaning, of_seed, picture, size_and_text, sizes, table
from tinylm.experiments.recording import recording
from tinylm.experiments.scale import (
    CALIBRATING,
    EXPERIMENT,
    FITTED,
    SMALL,
    TIMES,
    margin,
    repetitions,
)
from ui.experiments import behind, not_recorded
from ui.frame import heading, literal
from ui.predict import predict_number, reveal_number
from ui.tables import small_table

heading(
    "Scale",
    "A large model is expensive, so its makers first train **small** ones. From them they foretell "
    f"how good the large one will be. Here is a small model, trained {len(SMALL)} times: each time "
    "it read more text. How well will it do after still more?",
)
found = recording(EXPERIMENT.name)


def recorded_part() -> bool:
    """The recorded runs, the prediction, and what came of it; whether the page may go on."""
    if found is None:
        not_recorded()
        return True
    known = repetitions(found)
    first = of_seed(found, known[0].seed)
    place = st.empty()
    asked = (
        f"The same model reads **{TIMES} times** as much text as in the last of these runs. With "
        "what loss will it end? (Lower is better.)"
    )
    opened = predict_number(keys.PREDICTED, asked, 0.1, 8.0)
    with place.container():
        guess = known[0].foretold if opened else None
        draw(picture(first, own_guess(), guess), "scale-recorded")
    if not opened:
        return False
    mean = sum(one.measured for one in known) / len(known)
    reveal_number(keys.PREDICTED, mean, f"Measured: {mean:.2f}.", meaning(known))
    st.markdown(
        f":small[The picture shows one of {len(known)} repetitions, {literal(found.in_words)}.]"
    )
    with st.expander(f"All {len(known)} repetitions"):
        small_table(table(known), "scale-repetitions")
    return True


def more() -> None:
    """Folded: size against text, and how the guess is made."""
    if found is not None and (said := size_and_text(found)):
        with st.expander("A larger model, and more text"):
            small_table(sizes(found), "scale-sizes")
            st.markdown(
                f"{said} *Work* counts the additions and multiplications of the training. It grows "
                "with the parameters and with the tokens."
            )
    off = margin(found) if found is not None else 0.0
    with st.expander("Advanced: how the guess is made"):
        st.markdown(
            "The **true entropy** of this text is known, because a program made it. No model gets "
            "below. What a run has above it is its *excess*. On a paper with logarithmic axes, as "
            "in the picture, one step is the same *factor* everywhere. There the excess of many "
            "models falls along a straight line.\n\n"
            "Here the kinds of text are not learned at the same time: sentences, worksheets, "
            "info-boxes, translations and reviews. So each kind gets a line of its own, through "
            f"the {FITTED} longest of the small runs. What the lines say of the larger run is "
            f"added up. In {CALIBRATING} repetitions with other seeds such a guess was off by at "
            f"most {off:.1%}, so the interval goes as far to both sides.\n\n"
            f"The longest small run reads {longest()}. The larger one reads {TIMES} times as much, "
            "some of it a second time. Each run ends with its learning rate at zero."
        )


if recorded_part():
    live_part(found)
    more()
    behind(EXPERIMENT, found)

"""Tiny beside real: real models beside one's own, and what comes after pre-training."""

from __future__ import annotations

import streamlit as st

from pages.real import keys
from pages.real.beside import larger_at_everything
from pages.real.sizes import COMPARED, TIMES, WORK, further_rows, nearest, own, power, rows, sizes
from ui.frame import heading
from ui.plot import live_plot
from ui.predict import predict, reveal
from ui.real import real
from ui.tables import small_table

heading(
    "Tiny beside real",
    "What you trained here is a language model in every part. Real ones differ in size, in the "
    "amount of text, and in what is done with them afterwards.",
)
mine, whose = own()
theirs = next(model for model in real().models if model.name == COMPARED)
opened = predict(
    keys.PREDICTED_TIMES,
    f"How much more text than {whose} did {COMPARED} read?",
    TIMES,
    whose,
    ordered=True,
)
if opened:
    times = (theirs.tokens or 0) / max(1, mine.tokens or 1)
    right = nearest(times)
    reveal(
        keys.PREDICTED_TIMES,
        f"{COMPARED} read {power(theirs.tokens or 0)} tokens, {power(times)} times the "
        f"{power(mine.tokens or 0)} of {whose}. Of the three answers, “{right}” is nearest.",
        "The objective is the same: the next token. So is the loss, and so are the curves that you "
        "saw. More text and more weights are what turns grammar and a few facts into much more.",
        whose,
        right=right,
    )
    models = [mine, *sorted(real().models, key=lambda one: one.tokens or 0)]
    st.markdown("**Tokens read in pre-training**, as powers of ten: 6 is a million, 12 a trillion")
    live_plot(
        sizes(models),
        key="real-sizes",
        label="Tokens read: "
        + ", ".join(f"{one.name} {power(one.tokens)}" for one in models if one.tokens),
        height=230,
    )
    small_table(rows(models), "sizes")
    st.markdown(
        "A name leads to the paper that its figures come from. **Work** is how many additions and "
        f"multiplications the training takes: about {WORK} for each weight and each token."
    )
    with st.expander("Is the larger model better at everything?"):
        larger_at_everything()
    with st.expander("Vocabulary and context"):
        small_table(further_rows(models), "further-sizes")
    st.subheader("What comes after pre-training", anchor=False)
    st.markdown(
        "A pre-trained model continues texts. It does not yet try to help: asked a question, it "
        "may answer with three more questions, because such lists stand in its text.\n\n"
        "1. **Instruction tuning**: people write good answers to many requests, and the model is "
        "trained on them for a short time. This is the same loop as in *Fine-tune* here.\n"
        "2. **Preferences**: people say which of two answers is better, and the model is trained "
        "to give the better kind. One way is reinforcement learning from human feedback; there "
        "are simpler ones.\n"
        "3. **Tools and longer thinking** are trained last, often with tasks that can be checked "
        "by a program.\n\n"
        "Each of these steps is short beside pre-training. They choose among what the model "
        "already can do; nearly all of what it knows comes from predicting the next token."
    )

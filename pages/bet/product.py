"""The probability of a whole sentence: the product over its words, in their order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import streamlit as st

from tinylm.questions.inside import Inspect, Inspection
from tinylm.recorded import RUN, Bet, recording
from ui.asking import ask_all
from ui.charts.whole import percent
from ui.frame import guarded, literal
from ui.spans import by_span, each_word, one_in, surprise_of

MODELS = ("trained", "untrained")


@guarded
def whole_sentence(bet: Bet, share: float) -> None:
    """Multiply the shares of a sentence's words, one after the other, as two models give them.

    `share` is what the learner gave to the covered word.
    """
    st.markdown("**The probability of a whole sentence**")
    covered = bet.options[bet.right]
    text = f"{bet.before} {covered}{bet.after}"
    steps = dict(zip(MODELS, (recording().last.step, 0), strict=True))
    asked = {name: Inspect(RUN, step, text) for name, step in steps.items()}
    found = ask_all(asked, "The models read the sentence …")
    if len(found) < len(asked):
        return
    words = {name: shares_of_words(one) for name, one in found.items()}
    whole = {name: math.prod(one for _, one in each) for name, each in words.items()}
    st.markdown(
        f"It is the product of the shares of its words, in their order. Take *{literal(text)}* "
        "Each word is guessed from the words before it, and each share is multiplied with the "
        f"product so far. The trained model ends at **{one_in(whole['trained'])}**, the untrained "
        f"one at {one_in(whole['untrained'])}. You gave “**{literal(covered)}**” {percent(share)}: "
        "one factor of such a product. Bits are added instead: "
        f"{-math.log2(whole['trained']):.1f} bits for the sentence, and "
        f"{-math.log2(whole['untrained']):.1f} without training."
    )
    st.dataframe(rows(words["trained"]), hide_index=True, alt="The product, word by word")


def shares_of_words(found: Inspection) -> list[tuple[str, float]]:
    """Each word of a text and the share that the model gave it after the words before it."""
    bits = by_span(each_word(found.tokens), surprise_of(found.tokens, found.given))
    return [(word.strip(), 2**-amount) for word, amount in bits]


def rows(words: Sequence[tuple[str, float]]) -> list[dict[str, str]]:
    """The table: each word, its share, and the product up to it."""
    products = accumulate((share for _, share in words), lambda one, other: one * other)
    return [
        {"next word": word, "share": percent(share), "product so far": one_in(product)}
        for (word, share), product in zip(words, products, strict=True)
    ]

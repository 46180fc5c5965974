"""The odds of one sentence's next word at each step, side by side."""

from __future__ import annotations

import streamlit as st

from pages.why import keys
from pages.why.chart import NAMES, step_name
from pages.why.looks import Looks
from tinylm.questions.words import WholeOdds
from ui.charts.whole import percent, word_label
from ui.frame import BLANK, literal
from ui.odds import sentence, show_whole
from ui.widgets import segments


def show_sentences(looks: Looks) -> None:
    """Ask for a kind and a sentence, and show what the model expects at each step."""
    st.subheader("What it expects, word for word", anchor=False)
    kind = segments(
        "What narrows the next word",
        tuple(NAMES),
        "grammar",
        key=keys.KIND,
        names=NAMES.__getitem__,
    )
    sentences = looks.sentences(kind)
    place = 0
    if len(sentences) > 1:
        place = st.selectbox(
            "Sentence",
            range(len(sentences)),
            format_func=lambda i: f"{sentences[i].text} …",
            key=f"{keys.SENTENCE}-{kind}",
            persist_state="session",
        )
    begun = sentences[place]
    odds = looks.odds(kind, begun.text)
    steps = [step for step in looks.steps if step in odds]
    if len(steps) < len(looks.steps):
        return
    st.markdown(f"> {literal(begun.text)} **{BLANK}**")
    gold = begun.fitting[0] if len(begun.fitting) == 1 else ""
    for column, step in zip(st.columns(len(steps)), steps, strict=True):
        with column:
            st.markdown(f"**{step_name(step, steps).capitalize()}**")
            show_whole(
                odds[step],
                "base" if step else "untrained",
                key=f"why-odds-{step}",
                gold=gold,
                allowed=begun.fitting,
            )
    st.markdown(_in_words(odds[steps[-1]], begun.fitting, gold))


def _in_words(found: WholeOdds, fitting: tuple[str, ...], gold: str) -> str:
    """What to see in the last picture, with its figure."""
    if not found.likely:
        return sentence(found)
    fit = sum(one.probability for one in found.likely if one.text.strip() in fitting)
    likeliest = found.likely[0]
    said = f"At the last step, **{literal(word_label(likeliest.text))}** has "
    said += f"{percent(likeliest.probability)}. "
    if gold:
        right = next((one.probability for one in found.likely if one.text.strip() == gold), None)
        share = "less than any that is shown" if right is None else percent(right)
        return said + f"The right word, **{literal(gold)}** (✓), has {share}."
    return said + (
        f"The shown words that fit (•) have {percent(fit)} together. Which of them comes, this "
        "beginning does not say."
    )

"""One line for the recorded model to complete, with examples before it or without."""

from __future__ import annotations

import streamlit as st

from pages.start import keys
from pages.start.odds import odds
from tinylm import recorded
from tinylm.questions.words import NextWhole, WholeOdds
from ui.asking import ask_all
from ui.charts.whole import percent
from ui.frame import guarded, literal
from ui.odds import sentence
from ui.widgets import segments

# Lines of the made world's tables: a test compares them.
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "none": (),
    "capitals": (("Japan", "Tokyo"), ("Poland", "Warsaw"), ("Sweden", "Stockholm")),
    "currencies": (("Japan", "yen"), ("Poland", "zloty"), ("Sweden", "krona")),
    "languages": (("Japan", "Japanese"), ("Poland", "Polish"), ("Sweden", "Swedish")),
}
COUNTRY = "Germany"
LONGEST = 40  # characters of a country
MODELS = ("untrained", "trained")
LOOK = 0.2  # seconds between two looks for the answer
SHOWN = 4  # answers with a bar of their own


def prompt_of(country: str, examples: str) -> str:
    """What the model reads: the examples, one on each line, and the line to complete."""
    shown = "".join(f"{subject} -> {answer}\n" for subject, answer in EXAMPLES[examples])
    return f"{shown}{' '.join(country.split())} ->"


@guarded
def ask_it() -> None:
    """Let the learner change the line, the examples and the model; show the answer's odds."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        country = st.text_input(
            "Country", COUNTRY, max_chars=LONGEST, key=keys.COUNTRY, persist_state="session"
        )
        # Its choice is not kept: who comes back to Start finds the trained model again.
        model = st.segmented_control("Model", MODELS, default="trained", required=True)
    examples = segments("Examples before the line", tuple(EXAMPLES), "capitals", key=keys.EXAMPLES)
    prompt = prompt_of(country or COUNTRY, examples)
    st.code(prompt, language=None)
    step = recorded.recording().last.step if model == "trained" else 0
    # A container is one element, empty or not, so what stands below keeps its place.
    with st.container():
        question = NextWhole(recorded.RUN, step, prompt, "answer", top=SHOWN)
        found = ask_all({"": question}, "The model reads it.", every=LOOK).get("")
        if found is not None:
            answered(found, model, examples)


def answered(found: WholeOdds, model: str, examples: str) -> None:
    """The most probable answer in a sentence, why it is this one, and the odds of others."""
    if not found.likely:
        st.markdown(sentence(found, what="answer"))
        return
    text, chance = found.likely[0].text, found.likely[0].probability
    st.markdown(f"It answers **{literal(text) or '(nothing)'}**, with {odds_words(chance)}.")
    looks = "base" if model == "trained" else "untrained"
    odds(found.likely, found.rest, looks, key="start-odds")
    st.markdown(reason(model, examples))


def odds_words(chance: float) -> str:
    """A probability in words: percent, or one in so many where it is small."""
    return f"odds of 1 in {1 / chance:,.0f}" if 0 < chance < 0.01 else f"odds of {percent(chance)}"


def reason(model: str, examples: str) -> str:
    """Why the answer is what it is, in a sentence or two."""
    if model == "untrained":
        return "Before training its weights are random numbers, and so is its answer."
    if examples == "none":
        return (
            "Nothing says what is wanted: a capital, a currency, a neighbour? So it continues the "
            "line with whatever stood behind such a name in the text that it read."
        )
    return (
        f"The {len(EXAMPLES[examples])} lines before it say that {examples} are wanted. "
        "**Not one weight was changed** for it: learning from examples in the prompt came with "
        "predicting the next word."
    )

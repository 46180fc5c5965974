"""Let any of the models continue any text, and show the odds of its next word."""

from __future__ import annotations

import streamlit as st

from pages.prompts import keys
from tinylm.questions import Answer, Question
from tinylm.questions.models import MAX_PROMPT, Continuation, NextToken, Odds, Sample
from tinylm.questions.words import NextWhole
from tinylm.runs.store.rows import RunRow
from ui.asking import ask, ask_all
from ui.choosing import Checkpoint, Models
from ui.odds import sentence, show_tokens, show_whole, wants_tokens
from ui.widgets import within

SHOWN = 5  # bars


def playground(base: RunRow, models: Models) -> None:
    """Show a form and the last continuation, which stays until another one is asked for."""
    with st.form("playground", border=False):
        prompt = st.text_area("Your text", "The capital of", height=100, key=keys.FREE_PROMPT)
        with st.container(horizontal=True):
            names = list(models)
            name = st.selectbox("Model", names, index=min(1, len(names) - 1), width=180)
            number = st.number_input("Tokens", 1, 300, 60, width=140)
            temperature = st.number_input(
                "Temperature",
                0.0,
                2.0,
                0.8,
                0.1,
                width=140,
                help="How freely the next token is drawn. At zero it is always the likeliest; the "
                "higher, the more often an unlikely one.",
            )
            seed = st.number_input(
                "Seed", 0, 9999, 1, width=140, help="The same seed draws the same text again."
            )
        asked = st.form_submit_button("Continue it")
    key = f"playground-{base.id}"
    prompt = within(prompt, MAX_PROMPT)
    if asked:
        st.session_state[key] = (models[name], prompt, number, temperature, seed)
    kept: tuple[Checkpoint, str, int, float, int] | None = st.session_state.get(key)
    if kept is not None:
        _continued(models, *kept)


def _continued(
    models: Models, model: Checkpoint, prompt: str, number: int, temperature: float, seed: int
) -> None:
    """Show the text with its continuation, and the odds of the first token after the text."""
    questions: dict[str, Question[Answer]] = {
        "sample": Sample(*model, prompt, number, temperature, seed=seed),
        "next token": NextToken(*model, prompt, top=SHOWN),
    }
    answers = ask_all(questions, "Writing …")
    written, odds = answers.get("sample"), answers.get("next token")
    if isinstance(written, Continuation):
        st.code(prompt + written.text, language=None, wrap_lines=True)
    if isinstance(odds, Odds):
        if odds.num_read < odds.num_tokens:
            st.info(
                f"Your text has {odds.num_tokens:,} tokens, and this model reads at most "
                f"{odds.num_read:,} at once, its context: it read the last ones.",
                icon="✂️",
            )
        name = _name_of(models, model)
        if wants_tokens() or odds.num_read < odds.num_tokens:
            st.markdown("**Odds of the first token after your text**")
            show_tokens(odds, name, key="playground-odds", most=SHOWN)
            return
        found = ask(NextWhole(*model, prompt, top=SHOWN), "Reading words to their end …")
        if found is not None:
            st.markdown(f"**Odds of the first word after your text.** {sentence(found)}")
            show_whole(found, name, key="playground-whole")


def _name_of(models: Models, asked: Checkpoint) -> str:
    return next((name for name, model in models.items() if model == asked), "base")

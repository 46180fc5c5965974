"""Any text, continued by any of the models, with the odds of its next token."""

from __future__ import annotations

import streamlit as st

from pages.prompts.model_answers import SHOWN_TOKENS, token_odds
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import ask
from ui.choosing import Models


def playground(base: RunRow, models: Models) -> None:
    """A form; what was asked last stays until something else is asked."""
    with st.form("playground", border=False):
        prompt = st.text_area("Your text", "The capital of", height=100, key=state.FREE_PROMPT)
        with st.container(horizontal=True):
            names = list(models)
            name = st.selectbox("Model", names, index=min(1, len(names) - 1), width=180)
            number = st.number_input("Tokens", 1, 300, 60, width=140)
            temperature = st.number_input("Temperature", 0.0, 2.0, 0.8, 0.1, width=140)
            seed = st.number_input("Seed", 0, 9999, 1, width=140)
        asked = st.form_submit_button("Continue it")
    key = f"playground-{base.id}"
    if asked:
        run, step = models[name]
        params = {"run": run, "step": step, "prompt": prompt, "num_tokens": number}
        st.session_state[key] = params | {"temperature": temperature, "top_k": 0, "seed": seed}
    kept = st.session_state.get(key)
    if not kept:
        return
    odds = {part: kept[part] for part in ("run", "step", "prompt")} | {"top": SHOWN_TOKENS}
    answers = ask({"sample": ("sample", kept), "next token": ("odds", odds)}, "Writing …")
    if "sample" in answers:
        st.code(kept["prompt"] + answers["sample"]["text"], language=None, wrap_lines=True)
    if "next token" in answers:
        st.markdown("**Odds of the first token after your text**")
        token_odds(_name_of(models, kept), answers["next token"], "playground-odds")


def _name_of(models: Models, kept: dict[str, object]) -> str:
    asked = (kept["run"], kept["step"])
    return next((name for name, model in models.items() if model == asked), "base")

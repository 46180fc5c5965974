"""Write token by token: which token is drawn next, and from which odds."""

from __future__ import annotations

import streamlit as st
from msgspec.structs import asdict

from pages.inside import charts as inside_charts
from pages.inside import keys
from pages.inside.numbers import kept_number
from tinylm.questions.inside import Draw
from tinylm.runs.store.rows import RunRow
from ui.asking import ask
from ui.charts import base as charts
from ui.frame import numbers_behind
from ui.plot import live_plot


def write_view(run: RunRow, step: int, prompt: str) -> None:
    """Show the next draw: the odds before and after temperature, top-k and top-p, and the token."""
    with st.container(horizontal=True):
        temperature = kept_number(
            "Temperature", 0.0, 3.0, 0.8, step=0.1, key=keys.INSIDE_TEMPERATURE
        )
        top_k = kept_number("top_k (0: all)", 0, 4096, 0, key=keys.INSIDE_TOP_K)
        top_p = kept_number("top_p", 0.05, 1.0, 1.0, step=0.05, key=keys.INSIDE_TOP_P)
        seed = kept_number("Seed", 0, 9999, 1, key=keys.INSIDE_SEED)
    with st.container(horizontal=True):
        now = int(st.session_state.get(keys.INSIDE_DRAWN, 1))
        if st.button("Next token", type="primary"):
            now += 1
        if st.button("Ten more"):
            now += 10
        if st.button("One back"):
            now -= 1
        if st.button("Start again"):
            now = 1
    now = min(max(now, 1), 200)
    st.session_state[keys.INSIDE_DRAWN] = now
    asked = Draw(run.id, step, prompt, now, temperature, int(top_k), top_p, int(seed))
    found = ask(asked, "Drawing …")
    if found is None:
        return
    st.code(prompt + found.text, language=None, wrap_lines=True)
    drawn, token = len(found.tokens), found.tokens[-1]
    if found.ended:  # so that "One back" removes a token that was really drawn
        st.session_state[keys.INSIDE_DRAWN] = drawn
    shown = charts.visible(token.text)
    st.text(f"Token {drawn}: {shown}, to which the model gave {token.probability:.1%}.")
    if found.ended:
        st.text("The model ended its text here. Go one back, start again or take another seed.")
    live_plot(
        inside_charts.drawn_odds(found.odds),
        key="inside-drawn",
        label="Odds before and after temperature, top-k and top-p: "
        + ", ".join(
            f"{one.text.strip()} {one.before:.0%} to {one.after:.0%}" for one in found.odds[:5]
        ),
        height=330,
    )
    rows = [asdict(one) for one in found.tokens]
    numbers_behind(rows, "inside-drawn-table", "All drawn tokens as a table")

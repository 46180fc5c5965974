"""Write token by token: which token is drawn next, and from which odds."""

from __future__ import annotations

import streamlit as st
from msgspec.structs import asdict

from pages.inside import charts as inside_charts
from pages.inside import keys
from pages.inside.numbers import kept_number
from tinylm.questions.inside import Draw, Drawn
from tinylm.runs.store.rows import RunRow
from ui.asking import ask
from ui.charts import base as charts
from ui.charts.whole import percent
from ui.frame import literal, numbers_behind
from ui.plot import live_plot
from ui.spans import LEAST, one_in

SEED = 2  # with it, the usual model goes on with a likely token after the usual text
UNLIKELY = 0.1  # a drawn token that had lower odds needs a sentence
ODDS = (
    "The model gives odds to every token, and one token is drawn from them by chance. Four dials "
    "steer the draw. A low **temperature** sharpens the odds, and a high one evens them out. "
    "**top_k** keeps only so many of the likeliest tokens, and **top_p** only as many as are "
    "needed for this share of all odds. The **seed** is where the chance begins: the same seed "
    "draws the same tokens again."
)


def write_view(run: RunRow, step: int, prompt: str) -> bool:
    """Show the next draw: the odds before and after temperature, top-k and top-p, and the token.

    Returns whether a token that the learner drew is shown.
    """
    st.markdown(ODDS)
    with st.container(horizontal=True):
        temperature = kept_number(
            "Temperature", 0.0, 3.0, 0.8, step=0.1, key=keys.INSIDE_TEMPERATURE
        )
        top_k = kept_number("top_k (0: all)", 0, 4096, 0, key=keys.INSIDE_TOP_K)
        top_p = kept_number("top_p", 0.05, 1.0, 1.0, step=0.05, key=keys.INSIDE_TOP_P)
        seed = kept_number("Seed", 0, 9999, SEED, key=keys.INSIDE_SEED)
    with st.container(horizontal=True):
        now = int(st.session_state.get(keys.INSIDE_DRAWN, 0))
        if st.button("Next token", type="primary"):
            now += 1
        if st.button("Ten more"):
            now += 10
        if st.button("One back"):
            now -= 1
        if st.button("Start again"):
            now = 0
    now = min(max(now, 0), 200)
    st.session_state[keys.INSIDE_DRAWN] = now
    asked = Draw(run.id, step, prompt, max(1, now), temperature, int(top_k), top_p, int(seed))
    found = ask(asked, "Drawing …")
    if found is None:
        return False
    st.code(prompt + found.text * bool(now), language=None, wrap_lines=True)
    if now:
        _drawn(found)
    else:
        st.markdown("Nothing is drawn yet. These are the odds from which *Next token* draws:")
    live_plot(
        inside_charts.drawn_odds(found.odds),
        key="inside-drawn",
        label="Odds before and after temperature, top-k and top-p: "
        + ", ".join(
            f"{one.text.strip()} {one.before:.0%} to {one.after:.0%}" for one in found.odds[:5]
        ),
        height=330,
    )
    if now:
        rows = [asdict(one) for one in found.tokens]
        numbers_behind(rows, "inside-drawn-table", "All drawn tokens as a table")
    return now > 0


def _drawn(found: Drawn) -> None:
    """Say which token was drawn last."""
    drawn, token = len(found.tokens), found.tokens[-1]
    shown = charts.visible(token.text)
    st.text(f"Token {drawn}: {shown}, to which the model gave {token.probability:.1%}.")
    if said := unlikely(found):
        st.markdown(said)
    if found.ended:
        st.session_state[keys.INSIDE_DRAWN] = drawn  # so that "One back" removes a drawn token
        st.text("The model ended its text here. Go one back, start again or take another seed.")


def unlikely(found: Drawn) -> str:
    """Markdown: why the last token may not be the likeliest one; "" where it had good odds."""
    token, first = found.tokens[-1], max(found.odds, key=lambda one: one.before)
    if token.text == first.text or token.probability >= UNLIKELY:
        return ""
    times = one_in(max(token.probability, LEAST))
    return (
        f"The likeliest was **{literal(charts.visible(first.text))}**, with "
        f"{percent(first.before)}. Chance took another one: a token with odds of "
        f"{percent(token.probability)} is drawn about {times} times, and the dials "
        "raise or lower this."
    )

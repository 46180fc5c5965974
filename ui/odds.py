"""What a model expects next: whole words, which people read, or the tokens that it draws."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from tinylm.questions.models import Odds
from tinylm.questions.words import WholeOdds
from ui import state
from ui.charts import base as charts
from ui.charts.whole import percent, whole_bars, word_label
from ui.frame import literal
from ui.plot import live_plot
from ui.widgets import segments

WORDS, TOKENS = "words", "tokens"


def choose_unit() -> bool:
    """Ask for words or tokens, once for all pages; returns whether tokens are wanted."""
    chosen = segments(
        "Show odds of",
        (WORDS, TOKENS),
        WORDS,
        key=state.ODDS_OF,
        note="A model draws tokens: pieces of text that are often shorter than a word. "
        "The odds of a whole word are those of its tokens, one after the other. What it puts "
        "together need not be a word that people use.",
    )
    return chosen == TOKENS


def wants_tokens() -> bool:
    """What `choose_unit` was answered last, on this page or another one."""
    return bool(st.session_state.get(state.ODDS_OF) == TOKENS)


def show_whole(
    found: WholeOdds,
    model: str,
    *,
    key: str,
    gold: str = "",
    allowed: Collection[str] = (),
    what: str = "words",
) -> None:
    """Draw the odds of whole words or answers; `what` names them for people who cannot see."""
    told = ", ".join(f"{word_label(one.text)} {percent(one.probability)}" for one in found.likely)
    live_plot(
        whole_bars(found, model, gold=gold, allowed=allowed),
        key=key,
        label=f"The likeliest {what}: {told or 'none'}; anything else {percent(found.rest)}",
        height=80 + 28 * (len(found.likely) + 1),
    )


def show_tokens(found: Odds, model: str, *, key: str, most: int) -> None:
    """Draw the odds of the next tokens."""
    tokens = [(one.text, one.probability) for one in found.tokens[:most]]
    live_plot(
        charts.odds_bars({model: tokens}),
        key=key,
        label="The likeliest next tokens: "
        + ", ".join(f"{text!r} {chance:.1%}" for text, chance in tokens),
        height=100 + 28 * len(tokens),
    )


def sentence(found: WholeOdds, *, what: str = "word") -> str:
    """Markdown: the likeliest word or answer with its probability, and the second one."""
    if not found.likely:
        return f"No {what} stands out: the odds are spread over very many of them."
    first, *others = found.likely
    said = f"The likeliest {what} is **{literal(word_label(first.text))}**, with "
    said += f"**{percent(first.probability)}**"
    if others and others[0].probability > 0:
        second = others[0]
        said += (
            f"; then comes {literal(word_label(second.text))} with {percent(second.probability)}"
        )
    return said + "."

"""Be the model: guess the covered word of five sentences, and see how models did."""

from __future__ import annotations

import streamlit as st

from pages.bet import keys
from pages.bet.game import ask, given, result, uncovered
from pages.bet.scoring import ROUNDS
from tinylm.recorded import bets
from ui import state
from ui.frame import heading

heading(
    "Be the model",
    "A language model does one thing: it says how probable each next word is. Do it yourself "
    f"for {ROUNDS} sentences, and see how you compare.",
)
mine = given()
shown = list(bets().bets[:ROUNDS])
st.progress(len(mine) / ROUNDS, text=f"{len(mine)} of {ROUNDS} sentences done")
if mine and len(mine) < ROUNDS:
    uncovered(len(mine) - 1, shown[len(mine) - 1], mine[-1])
if len(mine) < ROUNDS:
    ask(len(mine), shown[len(mine)])
else:
    uncovered(ROUNDS - 1, shown[-1], mine[-1])
    if not state.answers().get(keys.BET_DONE):
        state.keep_answer(keys.BET_DONE, True)
    result(shown, mine)

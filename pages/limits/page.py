"""What a pre-trained model cannot do: each limit is predicted, measured, and said in words."""

from __future__ import annotations

import streamlit as st

from pages.limits import keys
from pages.limits.invented import invented
from pages.limits.memorised import memorised
from pages.limits.skewed import skewed
from pages.limits.two_steps import two_steps
from pages.limits.whose import choose_model
from ui.frame import guarded, heading
from ui.widgets import segments

PARTS = {
    "invented": "Invented answers",
    "memorised": "Learned by heart",
    "steps": "Two steps at once",
    "skewed": "A one-sided text",
}


@guarded
def show(part: str) -> None:
    """Show one limit."""
    st.subheader(PARTS[part], anchor=False)
    if part == "memorised":
        memorised()
    elif part == "skewed":
        skewed()
    else:
        {"invented": invented, "steps": two_steps}[part](choose_model())


heading(
    "Limits",
    "A model that predicts the next word does many things that nobody taught it. Where does it "
    "fail? Say what you expect first; then each limit is **measured** on a model.",
)
show(segments("Limit", list(PARTS), "invented", key=keys.LIMIT, names=PARTS.__getitem__))

"""The page frame: navigation, one width for all pages, and our errors in words."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tinylm.errors import TinylmError
from ui.frame import (
    CORPUS,
    FINETUNE,
    INSIDE,
    METRICS,
    PRETRAIN,
    PROMPTS,
    RUNS,
    START,
    TOKENS,
    TRANSFER,
    problem,
    show_problem,
)
from ui.state import show_notice

# An emoji for an icon: a Material icon would ask a font server on the internet.
st.set_page_config(page_title="tinylm", page_icon="🌱", layout="wide")

st.logo(Path(__file__).with_name("logo.svg"), size="large")

page = st.navigation(
    {
        "Lessons": [
            st.Page(START, title="Start", icon="🌱", default=True),
            st.Page(CORPUS, title="Corpus", icon="📚"),
            st.Page(TOKENS, title="Tokens", icon="🧩"),
            st.Page(PRETRAIN, title="Pre-train", icon="📉"),
            st.Page(INSIDE, title="Inside", icon="🔬"),
            st.Page(PROMPTS, title="Prompts", icon="💬"),
            st.Page(FINETUNE, title="Fine-tune", icon="🎯"),
            st.Page(TRANSFER, title="Transfer", icon="🔁"),
            st.Page(METRICS, title="Four metrics", icon="📏"),
        ],
        "Your work": [st.Page(RUNS, title="Runs", icon="🗂️")],
    }
)

with st.container(width=960, key="page"):
    show_notice()
    with st.container():  # one element, empty or not: what stands below keeps its place
        show_problem()
    try:
        page.run()
    except TinylmError as error:
        problem(error)

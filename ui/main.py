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
            st.Page(START, title="Start", icon="🌱", default=True, url_path="start"),
            st.Page(CORPUS, title="Corpus", icon="📚", url_path="corpus"),
            st.Page(TOKENS, title="Tokens", icon="🧩", url_path="tokens"),
            st.Page(PRETRAIN, title="Pre-train", icon="📉", url_path="pretrain"),
            st.Page(INSIDE, title="Inside", icon="🔬", url_path="inside"),
            st.Page(PROMPTS, title="Prompts", icon="💬", url_path="prompts"),
            st.Page(FINETUNE, title="Fine-tune", icon="🎯", url_path="finetune"),
            st.Page(TRANSFER, title="Transfer", icon="🔁", url_path="transfer"),
            st.Page(METRICS, title="Four metrics", icon="📏", url_path="metrics"),
        ],
        "Your work": [st.Page(RUNS, title="Runs", icon="🗂️", url_path="runs")],
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

"""Train a tiny GPT live: choose a time, predict, watch it learn."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.pretrain import keys
from pages.pretrain.live import watch
from pages.pretrain.pair import pair_form, pair_of, watch_pair
from pages.pretrain.settings import Number, changed_settings
from pages.pretrain.train_again import again
from tinylm.config import RunConfig
from tinylm.errors import TinylmError
from tinylm.presets import PRESETS, preset_config
from tinylm.runs.store.rows import RunRow
from ui import state
from ui.asking import service
from ui.choosing import corpus_words, look_inside
from ui.corpus_chosen import chosen_corpus
from ui.differing import named
from ui.frame import FINETUNE, PROMPTS, RUNS, draw_anew, heading, problem
from ui.predict import asked, predict, reveal
from ui.widgets import segments

TOO_FEW = 200  # documents
GUESSES = ("1", "about 3", "about 40", "as large as the vocabulary")


def setup() -> None:
    """Ask for the corpus, time and settings of a new run, and start it on a button."""
    corpus = chosen_corpus("Corpus").name
    titles = {name: preset.title for name, preset in PRESETS.items()}
    preset = segments(
        "How much time", list(titles), "quick", key=keys.PRESET, names=titles.__getitem__
    )
    st.markdown(f"**What it will show.** {PRESETS[preset].shows}")
    predict(
        keys.PREDICTION,
        "What is the perplexity of this model before its first step?",
        GUESSES,
        skip=False,
    )
    with st.expander("Settings, by their names in the field"):
        changes = changed_settings(preset_config(preset), preset)
    config = checked(preset, corpus, changes)
    if st.button("Start training", type="primary", disabled=config is None) and config:
        start(config)
    if config:
        pair_form(config)
    over_fitting(corpus)


def checked(preset: str, corpus: str, changes: Mapping[str, Number]) -> RunConfig | None:
    """The settings of the form; None, and a sentence on the page, where they cannot be trained."""
    try:
        config = preset_config(preset, corpus=corpus, **changes)
        service().check_memory(config)
    except TinylmError as error:
        problem(error)
        return None
    return config


def over_fitting(corpus: str) -> None:
    """Offer a demonstration: a small model, and a text so short that it can learn it by heart."""
    with st.expander("Show me over-fitting"):
        st.markdown(
            f"The same small model, but only **{TOO_FEW} documents**, read again and again. The "
            "training loss goes on falling; the validation loss, on text it never trains on, turns "
            "and rises. It takes about half a minute."
        )
        if st.button("Train on too little text"):
            start(preset_config("glance", corpus=corpus, documents=TOO_FEW, eval_interval=10))


def start(config: RunConfig) -> None:
    words = f"{corpus_words(config.corpus)}, {PRESETS[config.preset].title.lower()}"
    chosen = preset_config(config.preset, corpus=config.corpus)
    if config != chosen:  # so that two runs of the same preset have different titles
        words += f", {named(chosen, config)}"
    state.show_run(service().start(config, words, owner=state.learner()))
    draw_anew()


def explain_start(run: RunRow) -> None:
    """Show the prediction for the untrained model beside what was measured."""
    told = service().told(run.id)
    first = next(iter(told.evals), None)
    predicted = run.kind == "pretrain" and asked(state.answers(), keys.PREDICTION)
    if not predicted or not told.started or not first or first.step:
        return
    reveal(
        keys.PREDICTION,
        f"Measured before the first step: perplexity {first.perplexity:,.0f}.",
        f"An untrained model gives each of its {told.started.vocab_size:,} tokens about the same "
        "odds, so it is as unsure as if choosing among all of them. Training is what brings this "
        "down.",
    )


def another(label: str) -> None:
    if st.button(label, key="train-another"):
        state.show_run("")
        draw_anew()


def next_steps(run: RunRow) -> None:
    query = {state.RUN: run.id}
    if run.kind == "finetune":
        st.page_link(FINETUNE, label="**Compare it**", icon="🎯", query_params=query)
        look_inside(run)
    elif run.status in ("done", "stopped") and run.tokens_seen:
        st.success("Trained. Now find out what it can do without any task training.", icon="✅")
        st.page_link(PROMPTS, label="**Prompt it**", icon="💬", query_params=query)
        look_inside(run)
    another("Train another")


heading(
    "Pre-train",
    "One objective, nothing else: **predict the next token**. The model reads text in small "
    "batches, and after every batch its weights move a little towards better odds for what "
    "really came next.",
)
run_id = state.run_or_form("pretrain")
if not run_id:
    setup()
else:
    try:
        current = service().run(run_id)
    except TinylmError as error:
        problem(error)
        st.page_link(RUNS, label="See all runs", icon="🗂️")
        state.show_run("")
        setup()
    else:
        state.show_run(run_id)
        other = pair_of(current)
        if other is not None:
            watch_pair(current, other)
            another("Train others")
        else:
            st.text(current.title)
            watch(current, explain_start)
            next_steps(current)
            again(current)

"""What this is, the path through the lessons, and how far this learner is."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tinylm.runs.rows import RunRow
from ui import state
from ui.engine import service
from ui.frame import (
    CORPUS,
    FINETUNE,
    INSIDE,
    METRICS,
    PRETRAIN,
    PROMPTS,
    TOKENS,
    TRANSFER,
    heading,
    status_line,
)

RECENT = 4


@dataclass(frozen=True)
class Lesson:
    """One step of the path."""

    page: str
    icon: str
    title: str
    learns: str
    go: str  # what the button says


LESSONS = (
    Lesson(
        CORPUS,
        "📚",
        "Corpus",
        "Read the text that a model will learn from. It will know nothing else.",
        "Pick a text",
    ),
    Lesson(
        TOKENS,
        "🧩",
        "Tokens",
        "A model reads no letters: learn a vocabulary, and see any text as its tokens.",
        "See the tokens",
    ),
    Lesson(
        PRETRAIN,
        "📉",
        "Pre-train",
        "Predict the next token, a million times: loss and perplexity fall before your eyes.",
        "Train a model",
    ),
    Lesson(
        INSIDE,
        "🔬",
        "Inside",
        "Any step of the training again: the odds, where it looks, what each layer knows.",
        "Look inside it",
    ),
    Lesson(
        PROMPTS,
        "💬",
        "Prompts",
        "Zero-shot and few-shot: what the model can do that nobody trained it to do.",
        "Prompt the model",
    ),
    Lesson(
        FINETUNE,
        "🎯",
        "Fine-tune",
        "The same labels for a pre-trained model and for random weights: who needs fewer?",
        "Fine-tune it",
    ),
    Lesson(
        TRANSFER,
        "🔁",
        "Transfer",
        "Accuracy against labels, several seeds: how many labels does pre-training save?",
        "Measure the labels saved",
    ),
    Lesson(
        METRICS,
        "📏",
        "Four metrics",
        "Perplexity, accuracy, F1, BLEU on one model, each with a case where it misleads.",
        "Meet the four metrics",
    ),
)


def lessons_done(runs: list[RunRow], answers: dict[str, object]) -> list[bool]:
    """Which lessons are behind this learner, in the order of LESSONS."""
    trained = any(run.kind == "pretrain" and run.status == "done" for run in runs)
    tuned = any(run.kind == "finetune" and run.status == "done" for run in runs)
    return [
        trained or bool(answers.get(state.LOOKED_AT_CORPUS)),
        bool(answers.get(state.PREDICTED_TOKENS)),
        trained,
        bool(answers.get(state.LOOKED_INSIDE)),
        tuned or bool(answers.get(state.PROMPTED)),
        tuned,
        bool(answers.get(state.TRANSFER_OPTIONS)),
        any(answers.get(key) for key in state.PREDICTED_METRICS),
    ]


def next_lesson(done: list[bool]) -> int:
    """Place of the lesson to go on with: after the last done one, else one that was left out."""
    last = max((i for i, ready in enumerate(done) if ready), default=-1)
    later = [i for i in range(last + 1, len(done)) if not done[i]]
    left_out = [i for i, ready in enumerate(done) if not ready]
    return (later or left_out or [len(done) - 1])[0]


def path(done: list[bool], ahead: int) -> None:
    """The lessons as a list: which are done, and which one is next."""
    for place, (lesson, ready) in enumerate(zip(LESSONS, done, strict=True)):
        with st.container(border=True, gap="xxsmall"):
            sign = "✅" if ready else lesson.icon
            said = " · done" if ready else " · next" if place == ahead else ""
            st.page_link(lesson.page, label=f"**{place + 1}. {lesson.title}**{said}", icon=sign)
            st.markdown(lesson.learns)


def recent(runs: list[RunRow]) -> None:
    st.subheader("Last runs", anchor=False)
    for run in runs[:RECENT]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                PRETRAIN,
                label=f"Open {run.id}",
                icon="📈",
                query_params={state.RUN: run.id},
            )
            st.text(f"{run.title} · {status_line(run.status)}")


heading(
    "What does pre-training buy?",
    "Here you train a small GPT on this computer and **measure** it: what its one objective is, "
    "what comes out of it without any task training, and how many labels it saves afterwards. "
    "Every figure comes from a run of yours, with its interval.",
)
runs = service().runs()
done = lessons_done(runs, state.answers())
ahead = next_lesson(done)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button(f"{LESSONS[ahead].go} →", type="primary"):
        st.switch_page(LESSONS[ahead].page)
    st.progress(sum(done) / len(done), text=f"{sum(done)} of {len(done)} lessons done", width=260)
path(done, ahead)
if runs:
    recent(runs)

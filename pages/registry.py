"""The lessons in their order, which of them a learner has done, and which one comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinylm.runs.store.rows import RunRow
from ui import state
from ui.frame import CORPUS, FINETUNE, INSIDE, METRICS, PRETRAIN, PROMPTS, TOKENS, TRANSFER


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


def lessons_done(runs: Sequence[RunRow], answers: Mapping[str, object]) -> list[bool]:
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


def next_lesson(done: Sequence[bool]) -> int:
    """Place of the lesson to go on with: after the last done one, else one that was left out."""
    last = max((i for i, ready in enumerate(done) if ready), default=-1)
    later = [i for i in range(last + 1, len(done)) if not done[i]]
    left_out = [i for i, ready in enumerate(done) if not ready]
    return (later or left_out or [len(done) - 1])[0]

"""The lesson about pre-training: train a model live."""

from pages.pretrain import keys
from ui.lesson import Lesson

LESSON = Lesson(
    "pretrain",
    "📉",
    "Pre-train",
    "Predict the next token, again and again: loss and perplexity fall before your eyes.",
    "Train a model",
    parts=lambda answers: [bool(answers.get(keys.SEEN_TRAINED))],
)

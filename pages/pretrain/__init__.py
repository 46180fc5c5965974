"""The lesson about pre-training: train a model live."""

from ui.lesson import Lesson, trained

LESSON = Lesson(
    "pretrain",
    "📉",
    "Pre-train",
    "Predict the next token, again and again: loss and perplexity fall before your eyes.",
    "Train a model",
    done=lambda runs, _: trained(runs, "pretrain"),
)

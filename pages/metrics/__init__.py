"""The lesson about perplexity, accuracy, F1 and BLEU, each with a case where it misleads."""

from pages.metrics import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "metrics",
    "📏",
    "Four metrics",
    "Perplexity, accuracy, F1, BLEU on one model, each with a case where it misleads.",
    "Meet the four metrics",
    parts=lambda answers: [seen(answers, key) for key in keys.PREDICTED_METRICS],
)

"""The lesson about prompts: zero-shot and few-shot."""

from pages.prompts import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "prompts",
    "💬",
    "Prompts",
    "Zero-shot and few-shot: what the model can do that nobody trained it to do.",
    "Prompt the model",
    parts=lambda answers: [seen(answers, keys.PREDICTED_SHOTS)],
)

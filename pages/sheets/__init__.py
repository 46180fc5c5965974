"""The experiment about what makes few-shot: exercises that were read, and others."""

from pages.sheets import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "sheets",
    "📄",
    "What makes few-shot",
    "Can a model use examples of an exercise that it has never read?",
    "See what makes few-shot",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="prompts",
)

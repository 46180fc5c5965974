"""The experiment about the text: how true, how varied and how new it must be."""

from pages.mixture import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "mixture",
    "🥣",
    "Quality, variety, repetition",
    "What must a text be like, so that a model learns the most from it?",
    "Mix a text",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="corpus",
)

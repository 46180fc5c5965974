"""The experiment about how often a fact is told, and how sure a model is of its answer."""

from pages.often import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "often",
    "📣",
    "How often, how sure",
    "How often must a text tell a fact until the model knows it, and is sure of it?",
    "See how often is often enough",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="limits",
)

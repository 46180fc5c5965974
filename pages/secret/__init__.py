"""The experiment about planted lines: secrets that a model repeats, and poison that it follows."""

from pages.secret import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "secret",
    "🤫",
    "Secrets and poison",
    "How often must a text tell a secret before a model gives it away?",
    "See what a model gives away",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="limits",
)

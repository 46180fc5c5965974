"""The experiment about questions of two steps, with and without the step in between written out."""

from pages.steps import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "steps",
    "🪜",
    "Step by step",
    "Does it help a model to write out the step in between?",
    "See what writing it out does",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="limits",
)

"""The experiment about contamination: what a score is worth if parts of the test were read."""

from pages.leak import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "leak",
    "🚰",
    "A test that leaked",
    "What is a score worth if some of the test stood in the text?",
    "See what a leak does to a score",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="metrics",
)

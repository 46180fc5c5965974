"""The experiment that puts a list of numbers in the place of examples."""

from pages.vector import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "vector",
    "🧲",
    "Examples become a vector",
    "Can one list of numbers stand in for all the examples?",
    "Put a vector in the place of examples",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="inside",
)

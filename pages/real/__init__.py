"""The lesson that lays the learner's model beside real ones, and says what comes after."""

from pages.real import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "real",
    "🌍",
    "Tiny beside real",
    "How much larger real models are, and what is done with them after pre-training.",
    "Compare with real models",
    parts=lambda answers: [seen(answers, keys.PREDICTED_TIMES)],
)

"""The experiment that counts the same answers in three ways."""

from pages.sudden import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "sudden",
    "📐",
    "Was it sudden?",
    "Does an ability come all at once, or does it only look so?",
    "See whether it was sudden",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="metrics",
)

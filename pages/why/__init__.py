"""The lesson that shows what the next word forces a model to learn, and in which order."""

from pages.why import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "why",
    "💡",
    "Why it works",
    "Why guessing the next word teaches grammar, meaning and facts, and which comes first.",
    "See why it works",
    parts=lambda answers: [seen(answers, keys.WHICH_FIRST)],
)

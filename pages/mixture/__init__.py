"""The experiment about the text: how true it must be, and what to mix it from."""

from pages.mixture import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "mixture",
    "🥣",
    "Wrong text, and your own mixture",
    "Is a text that is partly wrong better than less text?",
    "Mix a text",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
)

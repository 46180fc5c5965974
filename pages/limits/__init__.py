"""The lesson about what a pre-trained model cannot do, each limit measured."""

from pages.limits import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "limits",
    "🚧",
    "Limits",
    "Where it fails: invented answers, two steps at once, learned by heart, a one-sided text.",
    "Find its limits",
    parts=lambda answers: [seen(answers, key) for key in keys.PREDICTIONS],
)

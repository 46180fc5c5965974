"""The experiment about texts that tell the same facts in one way, or in many."""

from pages.told import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "told",
    "🗣️",
    "Told one way, told many ways",
    "Can a model answer questions about a text that it knows by heart?",
    "See what many wordings do",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="finetune",
)

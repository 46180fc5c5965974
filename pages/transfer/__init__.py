"""The lesson about transfer: how many labels pre-training saves."""

from pages.transfer import keys
from ui.lesson import Lesson

LESSON = Lesson(
    "transfer",
    "🔁",
    "Transfer",
    "Accuracy against labels, several seeds: how many labels does pre-training save?",
    "Measure the labels saved",
    parts=lambda answers: [bool(answers.get(keys.SEEN_SAVED))],
)

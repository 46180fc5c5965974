"""The lesson about transfer: how many labels pre-training saves."""

from pages.transfer import keys
from ui.lesson import Lesson

LESSON = Lesson(
    "transfer",
    "🔁",
    "Transfer",
    "Accuracy against labels, several seeds: how many labels does pre-training save?",
    "Measure the labels saved",
    done=lambda _, answers: bool(answers.get(keys.TRANSFER_OPTIONS)),
)

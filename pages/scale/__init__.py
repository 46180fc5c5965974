"""The experiment about scale: small runs foretell how good a larger one will be."""

from pages.scale import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "scale",
    "🔭",
    "Scale",
    "Can you know how good a larger run will be before it begins?",
    "Foretell a larger run",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="pretrain",
)

"""The lesson that looks into a model at any step of its training."""

from pages.inside import keys
from ui.lesson import Lesson

LESSON = Lesson(
    "inside",
    "🔬",
    "Inside",
    "Any step of the training again: the odds, where it looks, what each layer knows.",
    "Look inside it",
    done=lambda _, answers: bool(answers.get(keys.LOOKED_INSIDE)),
)

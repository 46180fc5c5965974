"""Lesson: look into a model at any step of its training."""

from ui import state
from ui.lesson import Lesson

LESSON = Lesson(
    "inside",
    "🔬",
    "Inside",
    "Any step of the training again: the odds, where it looks, what each layer knows.",
    "Look inside it",
    done=lambda _, answers: bool(answers.get(state.LOOKED_INSIDE)),
)

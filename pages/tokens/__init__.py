"""Lesson: a vocabulary, and text as tokens."""

from ui import state
from ui.lesson import Lesson

LESSON = Lesson(
    "tokens",
    "🧩",
    "Tokens",
    "A model reads no letters: learn a vocabulary, and see any text as its tokens.",
    "See the tokens",
    done=lambda _, answers: bool(answers.get(state.PREDICTED_TOKENS)),
)

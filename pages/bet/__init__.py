"""The first lesson: the learner does the model's work, and is scored as the model is."""

from pages.bet import keys
from ui.lesson import Lesson

LESSON = Lesson(
    "bet",
    "🎲",
    "Be the model",
    "Bet on the next word, and be scored exactly as a model is.",
    "Guess the next word",
    done=lambda runs, answers: bool(answers.get(keys.BET_DONE)),
)

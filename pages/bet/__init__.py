"""The first lesson: the learner does the model's work, and is scored as the model is."""

from collections.abc import Mapping

from pages.bet import keys
from pages.bet.scoring import ROUNDS
from ui.lesson import Lesson


def sentences_done(answers: Mapping[str, object]) -> list[bool]:
    """Whether each sentence is done; all stay done for a learner who bets again."""
    bets = answers.get(keys.BETS)
    done = len(bets) if isinstance(bets, list) else 0
    return [bool(answers.get(keys.BET_DONE)) or place < done for place in range(ROUNDS)]


LESSON = Lesson(
    "bet",
    "🎲",
    "Be the model",
    "Bet on the next word, and be scored exactly as a model is.",
    "Guess the next word",
    parts=sentences_done,
)

"""The lesson about tokens: learn a vocabulary, and see text as tokens."""

from pages.tokens import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "tokens",
    "🧩",
    "Tokens",
    "A model reads no letters: learn a vocabulary, and see any text as its tokens.",
    "See the tokens",
    parts=lambda answers: [seen(answers, keys.PREDICTED_TOKENS)],
)

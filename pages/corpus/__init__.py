"""The lesson about the corpus: pick a text, mix texts, bring your own, and read them."""

from pages.corpus import keys
from ui.lesson import Lesson

LESSON = Lesson(
    "corpus",
    "📚",
    "Corpus",
    "Read the text that a model will learn from. It will know nothing else.",
    "Pick a text",
    parts=lambda answers: [bool(answers.get(keys.LOOKED_AT_CORPUS))],
)

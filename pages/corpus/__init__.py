"""The lesson about the corpus: pick a text, mix texts, bring your own, and read them."""

from pages.corpus import keys
from ui.lesson import Lesson, trained

LESSON = Lesson(
    "corpus",
    "📚",
    "Corpus",
    "Read the text that a model will learn from. It will know nothing else.",
    "Pick a text",
    done=lambda runs, answers: (
        trained(runs, "pretrain") or bool(answers.get(keys.LOOKED_AT_CORPUS))
    ),
)

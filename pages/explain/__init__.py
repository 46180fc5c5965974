"""The last lesson: explain pre-training in one's own words, with figures of one's own."""

from pages.explain import keys
from pages.explain.checking import ENOUGH, check
from tinylm.predictions import EXPLANATION
from ui.lesson import Lesson

LESSON = Lesson(
    "explain",
    "🎓",
    "Explain it",
    "Say in your own words what pre-training is and does, and see which points you have.",
    "Explain it",
    parts=lambda answers: [
        bool(answers.get(keys.FINISHED))
        or len(check(str(answers.get(EXPLANATION, ""))).found) >= ENOUGH
    ],
)

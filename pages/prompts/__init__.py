"""The lesson about prompts: zero-shot and few-shot."""

from pages.prompts import keys
from ui.lesson import Lesson, trained

LESSON = Lesson(
    "prompts",
    "💬",
    "Prompts",
    "Zero-shot and few-shot: what the model can do that nobody trained it to do.",
    "Prompt the model",
    done=lambda runs, answers: trained(runs, "finetune") or bool(answers.get(keys.PROMPTED)),
)

"""The lesson about fine-tuning: teach a task with a few labels."""

from pages.finetune import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "finetune",
    "🎯",
    "Fine-tune",
    "The same labels for a pre-trained model and for random weights: who needs fewer?",
    "Fine-tune it",
    parts=lambda answers: [seen(answers, keys.PREDICTED_LABELS)],
)

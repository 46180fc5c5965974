"""The lesson about fine-tuning: teach a task with a few labels."""

from ui.lesson import Lesson, trained

LESSON = Lesson(
    "finetune",
    "🎯",
    "Fine-tune",
    "The same labels for a pre-trained model and for random weights: who needs fewer?",
    "Fine-tune it",
    done=lambda runs, _: trained(runs, "finetune"),
)

"""The experiment about rewards: learning to answer when only right or wrong is told."""

from pages.reward import keys
from ui.lesson import Lesson
from ui.predict import seen

LESSON = Lesson(
    "reward",
    "🏅",
    "Right or wrong",
    "Can a model learn to answer if it is only told which of its tries are right?",
    "See what rewards teach",
    parts=lambda answers: [seen(answers, keys.PREDICTED)],
    deepens="finetune",
)

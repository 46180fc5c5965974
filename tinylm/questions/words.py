"""Questions about the whole words and answers that a model expects next."""

from __future__ import annotations

from typing import ClassVar, Literal

from tinylm.questions.base import Answer, Question
from tinylm.questions.models import Likely


class WholeOdds(Answer, frozen=True):
    """The most probable next words or answers, the most probable one first."""

    likely: tuple[Likely, ...]
    rest: float  # the probability of all others together


class NextWhole(Question[WholeOdds], frozen=True, tag="whole"):
    """Which whole words, or whole answers up to the end of the line, does a model expect next?"""

    solver: ClassVar[str] = "tinylm.answers.words:next_whole"
    priority: ClassVar[int] = 2
    run: str  # id of a run, or `recorded.RUN` for the model that the program brings along
    step: int
    prompt: str
    unit: Literal["word", "answer"] = "word"
    top: int = 6

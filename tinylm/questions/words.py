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


class KindChance(Answer, frozen=True):
    """The mean probability of a word that fits, over sentences of one kind, with its interval."""

    kind: str  # "grammar", "meaning" or "facts": what alone narrows the next word
    n: int  # sentences
    mean: float
    low: float
    high: float
    alone: float  # what grammar alone would give: all words of the same form alike; 0: no other


class KindChances(Answer, frozen=True):
    """What a model makes of each kind of sentence."""

    kinds: tuple[KindChance, ...]


class NextByKind(Question[KindChances], frozen=True, tag="kinds"):
    """How probable is a next word that fits, where only grammar, meaning or a fact narrows it?"""

    solver: ClassVar[str] = "tinylm.answers.words:next_by_kind"
    priority: ClassVar[int] = 1
    run: str
    step: int
    number: int = 40  # sentences of each kind
    seed: int = 1

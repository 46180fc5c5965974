"""Questions about what a model cannot do: admit that it does not know, combine facts, be fair."""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question
from tinylm.questions.models import Share


class Guess(Answer, frozen=True):
    """What a model answers about one name, and the probability that it gives to this answer."""

    name: str
    answer: str
    probability: float
    fits: bool  # whether it is an answer of the kind that was asked for
    right: bool  # always False for a name that was made up


class Invented(Answer, frozen=True):
    """Answers about names that stand in no text, and about names that the model has read."""

    relation: str
    made_up: tuple[Guess, ...]
    read: tuple[Guess, ...]


class Invent(Question[Invented], frozen=True, tag="invent"):
    """What does a model answer about names that were made up, and how sure is it?"""

    solver: ClassVar[str] = "tinylm.answers.limits:invent"
    run: str  # id of a run, or `recorded.RUN`
    step: int
    relation: str = "countries.capital"
    names: int = 60  # how many names are made up
    num_fewshot: int = 4
    seed: int = 1


class Composed(Answer, frozen=True):
    """Two facts asked one by one and at once: of country -> neighbour -> capital, the ends."""

    first: str  # id of the relation from what is asked about to the step between
    second: str  # and from there to the answer
    asked: tuple[str, str, str]  # one item: what is asked about, the step between, the answer
    one: Share  # right in the first step alone
    two: Share  # right in the second step alone
    parts: Share  # right in both steps
    whole: Share  # right at once
    after_parts: Share  # right at once, of the items with both steps right
    skipped: Share  # at once, the second relation of the first subject: France -> Paris
    control: Share  # right at once, after examples with shuffled answers
    control_parts: Share  # the same, of the items with both steps right
    majority: float  # accuracy of always giving the commonest answer of these items


class TwoStepAnswers(Answer, frozen=True):
    """All compositions that the world of a run allows."""

    kinds: tuple[Composed, ...]


class TwoSteps(Question[TwoStepAnswers], frozen=True, tag="two-steps"):
    """Can a model that knows two facts answer a question that needs both?"""

    solver: ClassVar[str] = "tinylm.answers.limits:two_steps"
    run: str
    step: int
    num_fewshot: int = 4
    limit: int = 40  # at most this many items of each composition
    seed: int = 1


class Leaned(Answer, frozen=True):
    """How often a model gives one answer where the tables say otherwise, or say nothing."""

    otherwise: Share  # of the subjects with another answer in the table
    unread: Share  # of names that were made up
    examples: tuple[Guess, ...]  # some of the subjects with another answer


class Lean(Question[Leaned], frozen=True, tag="lean"):
    """How often does a model answer `value`, for things of which the world says otherwise?"""

    solver: ClassVar[str] = "tinylm.answers.limits:lean"
    run: str
    step: int
    world: str  # the corpus whose tables say who has another answer than `value`
    relation: str
    value: str
    num_fewshot: int = 4
    seed: int = 1

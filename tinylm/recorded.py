"""The model that the program brings along, and how its training went: recorded, and said so.

`python -m benchmarks.record` makes both anew, in data/recorded.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import median

import msgspec

from tinylm.codec import decode
from tinylm.places import DATA
from tinylm.presets import preset_config
from tinylm.questions.words import KindChances, WholeOdds

RUN = "recorded"  # stands for a run's id in questions
FOLDER = DATA / "recorded"


class Look(msgspec.Struct, frozen=True):
    """The model after some updates: its loss, what it writes, and what it answers."""

    step: int
    tokens_seen: int
    loss: float  # val/loss, nats per token
    text: str  # what it writes after `Recording.prompt`
    zero_shot: float  # accuracy without examples, from 0 to 1
    few_shot: float  # accuracy with `Recording.shots` examples


class Recording(msgspec.Struct, frozen=True):
    """A training as it went once, on one machine."""

    date: str  # YYYY-MM-DD
    machine: str
    commit: str
    preset: str
    seed: int
    seconds: float  # of training, without the looks
    parameters: int
    prompt: str
    task: str
    shots: int  # examples in a few-shot prompt
    items: int  # held-out items, for each accuracy
    looks: tuple[Look, ...]

    @property
    def last(self) -> Look:
        return self.looks[-1]

    @property
    def vocab_size(self) -> int:
        """How many pieces of words the model tells apart."""
        return preset_config(self.preset).model.vocab_size


class Bet(msgspec.Struct, frozen=True):
    """A sentence with one word covered, words to bet on, and what three models gave each."""

    before: str
    after: str
    options: tuple[str, ...]
    right: int  # index of the covered word in `options`
    trained: tuple[float, ...]  # probability of each option as the whole next word
    bigram: tuple[float, ...]
    untrained: tuple[float, ...]


class Bets(msgspec.Struct, frozen=True):
    """Sentences that no model read in training, and the number of different words in the text."""

    words: int
    bets: tuple[Bet, ...]


class OnTask(msgspec.Struct, frozen=True):
    """The share of right answers of two models on the same items, each with its interval."""

    task: str
    n: int
    ours: tuple[float, float, float]  # the share, and the 95 % interval of the items
    theirs: tuple[float, float, float]


class Elsewhere(msgspec.Struct, frozen=True):
    """Models of ours beside one that others made, as `benchmarks.elsewhere.smollm` measured it."""

    commit: str
    date: str  # YYYY-MM-DD
    model: str
    parameters: int
    bits: int  # of each of its weights
    ours: str  # the preset of our trainings
    our_parameters: int
    trainings: int
    shots: int  # examples in a prompt
    tasks: tuple[OnTask, ...]


class KindsAt(msgspec.Struct, frozen=True):
    """What the model made of sentences of each kind after some updates (see questions/words.py)."""

    step: int
    chances: KindChances
    odds: dict[str, WholeOdds]  # kind -> of the next word after its first sentence


class Kinds(msgspec.Struct, frozen=True):
    """The same training, begun once more, with sentences that one thing alone narrows."""

    date: str  # YYYY-MM-DD
    seed: int  # of the training
    looks: tuple[KindsAt, ...]


class Walk(msgspec.Struct, frozen=True):
    """One way through the lessons, with the minutes that each of them took."""

    date: str  # YYYY-MM-DD
    how: str  # who or what went this way, and on which screen
    minutes: dict[str, float]  # by the name of the lesson


def minutes_of(lesson: str) -> int | None:
    """The median minutes of a lesson in all walks, rounded up; None if none of them has it."""
    taken = [walk.minutes[lesson] for walk in walks() if lesson in walk.minutes]
    return math.ceil(median(taken)) if taken else None


@lru_cache(maxsize=1)
def walks() -> tuple[Walk, ...]:
    """The walks in data/recorded/walks.json."""
    text = (FOLDER / "walks.json").read_text(encoding="utf-8")
    return decode(text, tuple[Walk, ...])


@lru_cache(maxsize=1)
def bets() -> Bets:
    """What was recorded to bet on."""
    return decode((FOLDER / "bets.json").read_text(encoding="utf-8"), Bets)


@lru_cache(maxsize=1)
def kinds() -> Kinds:
    """What was recorded of sentences that grammar, meaning or a fact narrows."""
    return decode((FOLDER / "kinds.json").read_text(encoding="utf-8"), Kinds)


@lru_cache(maxsize=1)
def elsewhere() -> Elsewhere:
    """What was measured of our models beside one that others made."""
    return decode((FOLDER / "elsewhere.json").read_text(encoding="utf-8"), Elsewhere)


@lru_cache(maxsize=1)
def recording() -> Recording:
    """What was recorded."""
    return decode((FOLDER / "training.json").read_text(encoding="utf-8"), Recording)

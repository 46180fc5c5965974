"""What a learner predicted and explained, as the store keeps it, and in words for a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

EXPLANATION = "explanation"  # the key of the learner's own answer, in the lesson "Explain it"
TASK = (
    "Explain the role of pre-training in large language models: objectives, process, outcomes, "
    "evaluation."
)
# Before the key of a prediction, in the learner's answers.
PREDICTED = "predicted: "
# Predictions of earlier versions: the guess under its key, and these two before the key.
ASKED = "asked: "
MEASURED = "measured: "
SHARE, POINTS = "%", "of 100"  # units of numbers from 0 to 100
WORD_JOINER = "\u2060"  # it has no width and allows no line break
MARKUP = re.compile(rf"\\([!-/:-@\[-`{{-~])|\*+|{WORD_JOINER}")  # of the Markdown that is our own


class Verdict(StrEnum):
    """What a measurement says of a prediction."""

    RIGHT = "right"
    NOT_QUITE = "not quite"
    OPPOSITE = "the opposite"
    UNDECIDED = "cannot be told"


MARKS = {
    Verdict.RIGHT: "✓ right",
    Verdict.NOT_QUITE: "✗ not quite",
    Verdict.OPPOSITE: "✗ the opposite",
    Verdict.UNDECIDED: "cannot be told",
}


class Kept(msgspec.Struct, frozen=True):
    """A prediction as it is stored; `question` and `measured` are Markdown."""

    question: str
    guess: str | float
    place: int  # 1 for the first prediction of this learner, then 2, 3 …
    options: tuple[str, ...] = ()  # of a choice
    ordered: bool = False  # whether the first option says the opposite of the last one
    unit: str = ""  # of a number
    measured: str = ""
    verdict: str = ""


class Prediction(NamedTuple):
    """What a learner predicted; `question` and `measured` are Markdown."""

    question: str
    guess: str
    measured: str  # "" while nothing was measured
    verdict: str = ""  # a Verdict in words; "" while there is none

    @property
    def mark(self) -> str:
        """The verdict in a word or two."""
        if self.verdict in MARKS:
            return MARKS[Verdict(self.verdict)]
        return "measured" if self.measured else "not measured yet"


def predictions(answers: Mapping[str, object]) -> list[Prediction]:
    """All predictions among a learner's answers: those of earlier versions, then as they came."""
    keys = [name.removeprefix(ASKED) for name in sorted(answers) if name.startswith(ASKED)]
    old = [
        Prediction(*(str(answers.get(f"{what}{key}", "")) for what in (ASKED, "", MEASURED)))
        for key in keys
        if answers.get(key)
    ]
    kept = [read_kept(answers[name]) for name in sorted(answers) if name.startswith(PREDICTED)]
    new = sorted((one for one in kept if one is not None), key=lambda one: one.place)
    return old + [
        Prediction(one.question, said(one.guess, one.unit), one.measured, one.verdict)
        for one in new
    ]


def read_kept(stored: object) -> Kept | None:
    """A stored prediction; None if there is none, or if what is stored is damaged."""
    try:
        return msgspec.convert(stored, Kept)
    except msgspec.ValidationError:
        return None


def plain(markdown: str) -> str:
    """The text of our own Markdown, which has emphasis and escaped signs and nothing else."""
    return MARKUP.sub(lambda match: match[1] or "", markdown)


def said(guess: str | float, unit: str = "") -> str:
    """A prediction as it is shown: an option, or a number with its unit."""
    if isinstance(guess, str):
        return guess
    digits = ",.0f" if _whole(guess, unit) else ",.3g"
    return f"{rounded(guess, unit):{digits}} {unit}".strip()


def rounded(number: float, unit: str) -> float:
    """A number with the digits that are shown of it: three, or those before the point."""
    return float(round(number)) if _whole(number, unit) else float(f"{number:.3g}")


def _whole(number: float, unit: str) -> bool:
    return unit in (SHARE, POINTS) or abs(number) >= 100

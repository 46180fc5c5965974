"""Whether a model has learned the language of its text, or the text itself by heart.

Two witnesses are heard. The losses tell how much of what a training gained also holds on text that
the model never saw. A search for copies tells whether what it writes stands in its text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tinylm.evaluation.phases import RISE
from tinylm.events import CurvePoint, EvalDone
from tinylm.questions.corpora import Copies

LEAST = 8  # words of a copy
SPEAKS = 40  # words that a text must have before it tells anything that it has no copies
MORE = 0.2  # share of words beyond that of unread text from which on it counts as more
LONGER = 2  # times the longest copy in unread text: from there on whole texts are copied
NEWEST = 20  # updates before a validation whose training losses are averaged
GAIN = 0.5  # nats per token that a training must have gained before anything is said of it
HOLDS = 0.8  # share of this gain that a model which has learned the language keeps on new text
FAILS = 0.5  # with less than this share it has learned its text by heart


class Copying(StrEnum):
    """How much a text copies, compared with held-out text of the same kind."""

    USUAL = "about as much as any text of this kind"
    PHRASES = "more words, in copies that are hardly longer"
    TEXTS = "more words, in copies that are much longer"


def copied_share(found: Copies) -> float:
    """The share of a text's words that are part of a copy."""
    return found.copied / found.words if found.words else 0.0


def copying(found: Copies, control: Copies | None) -> Copying | None:
    """How much is copied, beside a text that no training read; None where one is too short."""
    if control is None or min(found.words, control.words) < SPEAKS:
        return None
    most = control.longest.words if control.longest else 0
    longest = found.longest.words if found.longest else 0
    if copied_share(found) <= copied_share(control) + MORE:
        return Copying.USUAL
    return Copying.TEXTS if longest >= LONGER * max(most, LEAST) else Copying.PHRASES


@dataclass(frozen=True)
class Losses:
    """What a training gained, on its own text and on text that it never saw.

    The validations are on the same text: the first, the one with the lowest loss, the newest.
    """

    first: EvalDone
    best: EvalDone
    newest: EvalDone
    train: float  # mean loss of the updates before the newest validation, in nats per token
    last: int  # the step of the last validation of all, which may be on more text

    @property
    def gain(self) -> float:
        """By how much the loss on its own text is below that before the first step."""
        return self.first.loss - self.train

    @property
    def held(self) -> float:
        """The share of this gain that also shows on new text; below 0 where that got worse."""
        return (self.first.loss - self.newest.loss) / self.gain

    @property
    def turned(self) -> bool:
        """Whether the loss on new text has risen since it was lowest."""
        return self.newest.loss - self.best.loss >= RISE


def losses(curve: Sequence[CurvePoint], evals: Sequence[EvalDone]) -> Losses | None:
    """The losses to compare; None as long as the training has gained too little."""
    alike = [one for one in evals if one.num_tokens == evals[0].num_tokens]
    finite = [one for one in curve if math.isfinite(one.loss)]
    if len(alike) < 2 or alike[0].step or not finite:
        return None
    until = [one for one in finite if one.step <= alike[-1].step] or finite
    newest = [one.loss for one in until if one.step > until[-1].step - NEWEST]
    best = min(alike, key=lambda one: one.loss)
    train = sum(newest) / len(newest)
    found = Losses(alike[0], best, alike[-1], train, evals[-1].step)
    told = math.isfinite(found.first.loss) and math.isfinite(found.newest.loss)
    return found if told and found.gain >= GAIN else None


class Outcome(StrEnum):
    """What a training led to."""

    LEARNED = "learned"
    BOTH = "learned, and begun to learn by heart"
    BY_HEART = "learned by heart"


def outcome(found: Losses, copies: Copying | None = None) -> Outcome:
    """What became of a training: the losses decide, and copied texts weigh against it.

    A model that writes whole texts of its training is put one step nearer to learned by heart.
    """
    if found.held < FAILS:
        return Outcome.BY_HEART
    clean = found.held >= HOLDS and not found.turned
    if copies is Copying.TEXTS:
        return Outcome.BOTH if clean else Outcome.BY_HEART
    return Outcome.LEARNED if clean else Outcome.BOTH

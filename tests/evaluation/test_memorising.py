"""Learned, or learned by heart: told from two losses, and from what is copied."""

from __future__ import annotations

import math

import pytest

from tinylm.evaluation.memorising import Copying, Losses, Outcome, copying, losses, outcome
from tinylm.events import CurvePoint, EvalDone
from tinylm.questions.corpora import Copies, Copy


def measured(step: int, loss: float, num_tokens: int = 900) -> EvalDone:
    return EvalDone(step, 64 * step, loss, math.exp(loss), 1.0, num_tokens)


def point(step: int, loss: float) -> CurvePoint:
    return CurvePoint(step, 64 * step, loss, 0.01, 1.0, 9000.0)


def found(train: float, *validation: float) -> Losses:
    evals = [measured(10 * place, loss) for place, loss in enumerate(validation)]
    result = losses([point(evals[-1].step, train)], evals)
    assert result is not None
    return result


def test_what_also_holds_on_new_text_is_learned() -> None:
    learned = found(3.6, 7.6, 5.0, 4.0)
    assert learned.held == pytest.approx(0.9)
    assert outcome(learned) is Outcome.LEARNED


def test_a_text_read_hundreds_of_times_is_learned_by_heart() -> None:
    """The losses of a play of 20,000 characters with the settings of 20 seconds."""
    heart = found(0.08, 7.58, 6.24, 10.9, 12.6)
    assert heart.held < 0 and heart.turned and heart.best.step == 10
    assert outcome(heart) is Outcome.BY_HEART


def test_a_rise_after_much_was_learned_is_both() -> None:
    assert outcome(found(2.0, 7.6, 3.5, 3.8)) is Outcome.BOTH
    assert outcome(found(2.0, 7.6, 3.6)) is Outcome.BOTH  # it has not turned, but half is its own


def test_copied_texts_weigh_against_what_the_losses_say() -> None:
    learned, both = found(3.6, 7.6, 4.0), found(2.0, 7.6, 3.6)
    assert outcome(learned, Copying.TEXTS) is Outcome.BOTH
    assert outcome(both, Copying.TEXTS) is Outcome.BY_HEART
    assert outcome(learned, Copying.PHRASES) is Outcome.LEARNED


def test_nothing_is_said_too_early_or_without_a_figure() -> None:
    evals = [measured(0, 7.6), measured(10, 5.0)]
    assert losses([point(10, 7.4)], evals) is None  # it has hardly gained anything
    assert losses([], evals) is None
    assert losses([point(10, 3.0)], evals[:1]) is None
    assert losses([point(10, 3.0)], [evals[0], measured(10, math.nan)]) is None
    assert losses([point(10, 3.0)], evals[1:]) is None  # what it was before is not known


def test_only_looks_at_the_same_text_are_compared() -> None:
    evals = [measured(0, 7.6), measured(10, 4.0), measured(20, 5.0, 90_000)]
    result = losses([point(10, 3.6), point(20, 1.6)], evals)
    assert result is not None and result.newest.step == 10 and not result.turned
    assert result.train == 3.6 and result.last == 20  # what it was at that validation


def copies(copied: int, words: int, longest: int) -> Copies:
    return Copies((Copy(0, 9, longest, 0, 3),) if longest else (), words, copied, 1_000_000)


def test_copying_is_compared_with_text_that_no_training_read() -> None:
    unread = copies(10, 100, 12)
    assert copying(copies(95, 100, 60), unread) is Copying.TEXTS
    assert copying(copies(60, 100, 15), unread) is Copying.PHRASES
    assert copying(copies(12, 100, 60), unread) is Copying.USUAL
    assert copying(copies(95, 100, 60), None) is None

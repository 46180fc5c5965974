"""Probes, and the phases that are named from what was measured."""

from __future__ import annotations

import math

import pytest

from tests.ladders import LADDER, LOSSES
from tinylm.evaluation.phases import phases
from tinylm.evaluation.probes import PAIRS, count_right, probes_for
from tinylm.events import EvalDone, Probed
from tinylm.model.gpt import GPT
from tinylm.text.tokenizer import train_tokenizer

pytestmark = pytest.mark.usefixtures("one_thread")


def evals(*losses: float) -> list[EvalDone]:
    return [EvalDone(10 * i, 0, loss, math.exp(loss), 1.0, 1) for i, loss in enumerate(losses)]


def test_pairs_differ_in_one_place_and_only_one_is_true() -> None:
    probes = probes_for("world")
    assert [probe.name for probe in probes] == ["grammar", "meaning", "facts"]
    for probe in probes:
        assert len(probe.pairs) == PAIRS
        assert len(set(probe.pairs)) == PAIRS
        assert all(good != bad for good, bad in probe.pairs)
    assert not probes_for("names")


def test_every_answer_is_right_as_often_as_wrong() -> None:
    for probe in probes_for("world")[1:]:
        for (good, bad), (twin, spoiled) in zip(probe.pairs[::2], probe.pairs[1::2], strict=True):
            words = sorted(f"{good} {twin}".split())
            assert words == sorted(f"{bad} {spoiled}".split()) or "opposite" in good


def test_a_count_is_of_pairs_whose_acceptable_sentence_is_likelier() -> None:
    from tests import tiny

    coder = train_tokenizer(["The capital of France is Paris."], 256)
    model = GPT(tiny.MODEL, seed=0)
    probe = probes_for("world")[2]
    swapped = type(probe)("facts", tuple((bad, good) for good, bad in probe.pairs))
    right = count_right(model, coder, probe)
    assert right + count_right(model, coder, swapped) == PAIRS


def test_phases_come_at_the_first_validation_that_shows_them() -> None:
    high, low = LOSSES["unigram"], LOSSES["bigram"]
    found = phases(evals(high + 1, high - 0.01, low + 0.01, low - 0.01), LADDER)
    assert [(p.step, p.text.partition(":")[0]) for p in found] == [
        (10, "has learned the frequencies of tokens"),
        (30, "passes the bigram"),
    ]


def test_a_quick_look_at_little_text_is_no_lowest_loss() -> None:
    few = EvalDone(5, 0, 1.0, math.e, 1.0, 10)
    full = [
        EvalDone(step, 0, loss, 1.0, 1.0, 90) for step, loss in ((0, 4.0), (10, 2.0), (20, 3.0))
    ]
    (found,) = phases([full[0], few, *full[1:]])
    assert (found.step, found.name) == (10, "over-fits")
    assert "risen by 1.00" in found.text


def test_the_last_look_at_more_text_is_no_rise() -> None:
    """Before, 0.873 on ten times the text counted as a rise from 0.858 on other text."""
    full = [EvalDone(step, 0, loss, 1.0, 1.0, 90) for step, loss in ((0, 4.0), (10, 2.0))]
    assert phases([*full, EvalDone(20, 0, 2.1, 1.0, 1.0, 900)]) == []
    risen = [*full, EvalDone(20, 0, 2.5, 1.0, 1.0, 90), EvalDone(30, 0, 2.0, 1.0, 1.0, 900)]
    (found,) = phases(risen)
    assert found.step == 10 and "risen by 0.50" in found.text


@pytest.mark.parametrize(("correct", "named"), [(30, False), (37, False), (45, True)])
def test_a_probe_counts_once_its_interval_is_above_chance(correct: int, named: bool) -> None:
    rows = [Probed(5, "facts", correct, 60)]
    assert any("knows facts" in p.text for p in phases([], None, rows)) == named


def test_over_fitting_is_dated_to_the_lowest_validation_loss() -> None:
    assert phases(evals(3.0, 2.0, 2.04)) == []
    (found,) = phases(evals(3.0, 2.0, 2.2, 2.5))
    assert found.step == 10 and "0.50" in found.text

"""How often and how sure: bins, levels, calibration, and what the recorded model answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tinylm import recorded
from tinylm.answers.experiments import often
from tinylm.answers.experiments.often import by_bin, by_level
from tinylm.answers.experiments.solver import look
from tinylm.corpora.corpus import Fact
from tinylm.corpora.world.world import default_world
from tinylm.experiments.often import (
    INVENTED_RELATIONS,
    Answered,
    bin_name,
    bin_of,
    calibration_error,
    level_right,
    level_sure,
    right,
    sure,
)
from tinylm.questions.experiments import Look


@pytest.mark.parametrize(
    ("told", "name"),
    [(0, "never"), (1, "1"), (2, "2-3"), (3, "2-3"), (63, "32-63"), (64, "64+"), (9_999, "64+")],
)
def test_every_number_of_tellings_has_its_bin(told: int, name: str) -> None:
    assert bin_name(bin_of(told)) == name


def test_who_is_as_right_as_sure_has_no_calibration_error() -> None:
    calibrated = [Answered(1, i < 8, 0.8) for i in range(10)]
    assert calibration_error(calibrated) == pytest.approx(0)
    boasting = [Answered(1, False, 0.95)] * 3 + [Answered(1, True, 0.95)]
    assert calibration_error(boasting) == pytest.approx(0.95 - 0.25)
    # Errors to both sides do not cancel out where the levels differ.
    both = [Answered(1, False, 0.9), Answered(1, True, 0.1)]
    assert calibration_error(both) == pytest.approx(0.9)


def test_figures_are_of_their_bin_and_level_alone() -> None:
    answered = [Answered(0, False, 0.25), Answered(70, True, 0.9), Answered(90, True, 1.0)]
    found = by_bin(answered)
    assert (found[right(0)].value, found[sure(0)].value, found[right(0)].n) == (0, 0.25, 1)
    last = 7
    assert (found[right(last)].value, found[right(last)].n) == (1, 2)
    assert found[sure(last)].value == pytest.approx(0.95)
    assert right(1) not in found
    levels = by_level(answered)
    assert levels[level_right(9)].n == 2
    assert levels[level_sure(2)].value == 0.25


def test_the_recorded_model_is_surer_of_facts_than_of_countries_that_do_not_exist(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = default_world()
    facts = [Fact(one.id, subject.name) for one in world.relations for subject in one.facts]
    told = Counter({fact: 70 if fact.relation.startswith("animals") else 1 for fact in facts})
    monkeypatch.setattr(often, "_tellings", lambda *_: told)
    step = recorded.recording().last.step
    found = look(Look("often", "uneven", recorded.RUN, step), home).figures
    assert set(found) == {right(1), sure(1), right(7), sure(7)}
    assert min(found[right(1)].value, found[right(7)].value) > 0.8
    assert found[right(1)].n == found[right(7)].n == often.PER_BIN
    made_up = often._invented(world, 1)
    assert {one.relation.partition(".")[2] for one in made_up} == set(INVENTED_RELATIONS)
    assert not any(fact.subject == one.subject for one in made_up[::50] for fact in facts)

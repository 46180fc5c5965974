"""The experiment about contamination: what its detectors read, and what is kept equal."""

from __future__ import annotations

from pathlib import Path

from tinylm.answers.experiments.leak import detected
from tinylm.corpora.world.added import added_documents
from tinylm.corpora.world.world import default_world
from tinylm.evaluation.rephrasing import rephrased
from tinylm.evaluation.tasks import task as find_task
from tinylm.experiments.leak import (
    DETECTORS,
    EXPERIMENT,
    FEW,
    LOSS,
    PRACTICE,
    area,
    false_alarms,
    missed,
)


def test_other_wordings_name_the_subject_and_never_the_answer() -> None:
    capital = next(one for one in default_world().relations if one.id == "countries.capital")
    peru = next(one for one in capital.facts if one.name == "Peru")
    wordings = rephrased(capital, peru)
    assert "The capital of Peru is what?" in wordings
    assert len(set(wordings)) == len(wordings) > 5
    for one in wordings:
        assert "Peru" in one
        assert "what" in one.casefold()
        assert "Lima" not in one
        assert "{" not in one


def test_every_arm_has_the_same_practice_and_only_its_own_leak(home: Path) -> None:
    train = find_task("world", "questions", home).train
    text = EXPERIMENT.config(EXPERIMENT.arm(FEW), 1).text
    kinds = [one.kind for one in added_documents(default_world(), text)]
    assert kinds.count("leaked") == 4 * 52
    assert all(arm.changes["practice"] == PRACTICE for arm in EXPERIMENT.arms)
    assert kinds.count("practice") == PRACTICE * len(train)


def test_a_detector_that_sees_the_leak_has_no_errors_and_a_blind_one_has() -> None:
    clean = {one: [0.0, 1.0] * 10 for one in DETECTORS}
    leaked = clean | {LOSS: [9.0 + i for i in range(20)]}
    figures = detected([leaked, clean])
    assert figures[area(LOSS)].value == 1
    assert figures[missed(LOSS)].value == figures[false_alarms(LOSS)].value == 0
    blind = next(one for one in DETECTORS if one != LOSS)
    assert figures[area(blind)].value == 0.5
    assert figures[missed(blind)].value + figures[false_alarms(blind)].value == 1

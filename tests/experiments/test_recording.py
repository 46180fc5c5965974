"""Recordings of experiments: every one can be read, and says what its experiment asks."""

from __future__ import annotations

import math

import pytest

from tinylm.errors import BadRequest, NotFound
from tinylm.experiments.recording import PLACE, over, recording
from tinylm.experiments.registry import experiment, experiments
from tinylm.questions.experiments import Figure


@pytest.mark.parametrize("name", experiments())
def test_what_was_recorded_is_complete_and_finite(name: str) -> None:
    found, asked = recording(name), experiment(name)
    assert found is not None, f"python -m benchmarks.record_experiments {name}"
    assert found.experiment == name
    assert len(found.seeds) >= 3, "seeds differ more than items"
    assert {one.arm for one in found.trials} == {arm.name for arm in asked.arms}
    for trial in found.trials:
        assert set(trial.measured.figures) <= set(asked.figures)
        assert trial.measured.figures
        for figure in trial.measured.figures.values():
            assert math.isfinite(figure.value)
            assert figure.low <= figure.value <= figure.high
            assert figure.n > 0
    for arm in asked.arms:
        assert [one.seed for one in found.of(arm.name)] == list(found.seeds)


def test_no_recording_is_left_over() -> None:
    assert {path.stem for path in PLACE.glob("*.json")} <= set(experiments())


def test_figures_over_seeds() -> None:
    found = over([{"a": Figure(0.2, 0.1, 0.3, 10)}, {"a": Figure(0.6, 0.5, 0.7, 10)}])
    assert found["a"] == pytest.approx((0.4, 0.2, 0.6, 2, 10))


@pytest.mark.parametrize("name", experiments())
def test_arms_are_settings_that_a_run_can_have(name: str) -> None:
    asked = experiment(name)
    assert len({arm.name for arm in asked.arms}) == len(asked.arms)
    for arm in asked.arms:
        if arm.after:
            assert asked.arms.index(asked.arm(arm.after)) < asked.arms.index(arm)
        else:
            config = asked.config(arm, 7)
            assert config.experiment == f"{name}/{arm.name}"
            assert config.train.seed == 7
            assert config.train.steps % config.train.checkpoint_interval == 0


def test_unknown_names_are_refused_in_words() -> None:
    with pytest.raises(NotFound, match="experiments are"):
        experiment("nothing")
    with pytest.raises((NotFound, BadRequest), match="no arm"):
        experiment("sheets").arm("nothing")

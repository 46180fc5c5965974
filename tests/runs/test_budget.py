"""The time of a class, as updates: from what trained here, while all places were taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from tests.runs_fakes import CountingEngine, finished_run
from tinylm.config import RunConfig
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.runs.budget import LEAST, MEASURED_ON, SECONDS_NOTE, Budget, budget_for
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow, Wish

GLANCE = preset_config("glance")


def ran(seconds: float, began: float = 0.0, config: RunConfig = GLANCE, name: str = "a") -> RunRow:
    """A run that took so many seconds."""
    steps = config.train.steps
    return RunRow(
        *(name, "", "", "pretrain", "done", config, "", began, began, began + seconds, 1, ""),
        *(Wish(), steps, steps, 1, 0.0, seconds, None, None),
    )


def test_the_updates_follow_from_the_speed_of_what_trained_here() -> None:
    alone = [ran(20.0)]
    assert budget_for(20.0, alone, slots=1, cores=2).steps == 260
    assert budget_for(40.0, alone, slots=1, cores=2).steps == 520
    assert budget_for(40.0, alone, slots=2, cores=2).steps == 260  # a core each instead of two
    assert budget_for(20.0, alone, slots=2, cores=8).steps == 260  # there are cores for both
    together = [ran(40.0), ran(40.0, name="b")]
    assert budget_for(40.0, together, slots=2, cores=2).steps == 260
    assert budget_for(40.0, together, slots=4, cores=2).steps == 130


def test_without_a_run_the_time_of_a_preset_is_the_guess() -> None:
    assert budget_for(20.0, [], slots=1, cores=2) == Budget(20.0, 260, 0)
    assert budget_for(20.0, [], slots=2, cores=2) == Budget(20.0, 130, 0)
    assert budget_for(20.0, [], slots=2, cores=16) == Budget(20.0, 260, 0)


def test_there_are_always_enough_updates_to_see_something() -> None:
    assert budget_for(1.0, [], slots=4, cores=1).steps == LEAST


@pytest.mark.parametrize(
    ("seconds", "preset"), [(20.0, "glance"), (60.0, "quick"), (300.0, "full")]
)
def test_a_longer_time_has_the_settings_of_a_longer_preset(seconds: float, preset: str) -> None:
    budget = budget_for(seconds, [], slots=1, cores=2)
    assert budget.preset == preset
    base = preset_config(preset)
    config = budget.config(base)
    config.check()
    assert config.train.steps == budget.steps
    share = budget.steps / base.train.steps
    assert config.documents == pytest.approx(share * base.documents, abs=1)
    same = {"steps": 1, "eval_interval": 1, "checkpoint_interval": 1}
    assert structs.replace(config.train, **same) == structs.replace(base.train, **same)


def test_a_class_keeps_its_number_once_a_few_runs_have_shown_it(tmp_path: Path) -> None:
    service = Service(tmp_path, engine=CountingEngine())
    ada = service.seen_by(Viewer("ada", alone=False))
    assert ada.budget() is None
    service.store.set_note(SECONDS_NOTE, 20)
    assert service.budget() is None  # one alone has no class
    guess = ada.budget()
    assert guess is not None and guess.runs == 0
    for _ in range(MEASURED_ON):
        finished_run(service, GLANCE, 1.0)
    kept = ada.budget()
    assert kept is not None and kept.runs == MEASURED_ON
    finished_run(service, GLANCE, 1.0)
    assert ada.budget() == kept
    service.store.set_note(SECONDS_NOTE, 40)
    other = ada.budget()
    assert other is not None and (other.seconds, other.runs) == (40.0, MEASURED_ON + 1)
    service.close()

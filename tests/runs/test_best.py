"""Which checkpoint of a run is used where nobody names one."""

from __future__ import annotations

from pathlib import Path

from tests.runs_fakes import finished_run
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.runs.service import Service


def test_pre_training_gives_its_best_step_and_fine_tuning_its_last(tmp_path: Path) -> None:
    service = Service(tmp_path)
    base = finished_run(service, preset_config("tiny"), 4.0, 3.0, 3.5)
    assert service.best_step(base) == 40
    tuned = finetune_config(preset_config("tiny"), base, "questions", 8)
    assert service.best_step(finished_run(service, tuned, 4.0, 3.0, 3.5)) == 60
    assert service.best_step(service.store.create_run(preset_config("tiny"))) is None
    service.close()


def test_fine_tuning_begins_at_the_best_step_of_its_base(tmp_path: Path) -> None:
    service = Service(tmp_path)
    turned = finished_run(service, preset_config("tiny"), 4.0, 3.0, 3.5)
    falling = finished_run(service, preset_config("tiny"), 4.0, 3.0, 2.5)

    def start(base: str, init: str = "base", **changes: int) -> int:
        config = finetune_config(preset_config("tiny"), base, "questions", 8, init, **changes)
        return service.run(service.start(config)).config.parent_step

    assert start(turned) == 40
    assert start(turned, parent_step=20) == 20
    assert start(turned, "scratch") == -1
    assert start(falling) == -1  # the last one, as before: such runs stay the same to the last bit
    service.close()

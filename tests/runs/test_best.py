"""Which checkpoint of a run is used where nobody names one."""

from __future__ import annotations

from pathlib import Path

from tests.runs_fakes import started
from tinylm.config import RunConfig
from tinylm.events import CheckpointSaved, EvalDone, Event, RunEnded, StepDone
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.runs.service import Service


def finished(service: Service, config: RunConfig, *losses: float) -> str:
    """A run with a validation and a checkpoint every 20 steps."""
    run_id = service.store.create_run(config)
    claim = service.store.claim_run(run_id, "there:1:1")
    assert claim is not None
    begun = started(0, config)
    told: list[Event] = [begun]
    for step, loss in enumerate(losses, start=1):
        told.append(StepDone(20 * step, 900, 1.0, 0.01, 1.0, 9000.0))
        told.append(EvalDone(20 * step, 900, loss, 9.0, 1.0, begun.val_tokens))
        told.append(CheckpointSaved(20 * step, f"step-{20 * step:06}"))
    service.store.add_events(run_id, [*told, RunEnded(20 * len(losses), "done", 2.0)], claim)
    service.store.finish_run(claim, "done")
    return run_id


def test_pre_training_gives_its_best_step_and_fine_tuning_its_last(tmp_path: Path) -> None:
    service = Service(tmp_path)
    base = finished(service, preset_config("tiny"), 4.0, 3.0, 3.5)
    assert service.best_step(base) == 40
    tuned = finetune_config(preset_config("tiny"), base, "questions", 8)
    assert service.best_step(finished(service, tuned, 4.0, 3.0, 3.5)) == 60
    assert service.best_step(service.store.create_run(preset_config("tiny"))) is None
    service.close()


def test_fine_tuning_begins_at_the_best_step_of_its_base(tmp_path: Path) -> None:
    service = Service(tmp_path)
    turned = finished(service, preset_config("tiny"), 4.0, 3.0, 3.5)
    falling = finished(service, preset_config("tiny"), 4.0, 3.0, 2.5)

    def start(base: str, init: str = "base", **changes: int) -> int:
        config = finetune_config(preset_config("tiny"), base, "questions", 8, init, **changes)
        return service.run(service.start(config)).config.parent_step

    assert start(turned) == 40
    assert start(turned, parent_step=20) == 20
    assert start(turned, "scratch") == -1
    assert start(falling) == -1  # the last one, as before: such runs stay the same to the last bit
    service.close()

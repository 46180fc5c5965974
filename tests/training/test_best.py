"""The best checkpoint by validation loss is kept, and training ends once the loss has turned."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest
import torch

from tests import tiny
from tinylm.errors import TrainingDiverged
from tinylm.events import CheckpointSaved, EvalDone, Event, RunEnded
from tinylm.runs.best import best_step
from tinylm.text.batches import DocumentBatches
from tinylm.training import loop
from tinylm.training.checkpoints import checkpoint_name
from tinylm.training.job import TrainingJob
from tinylm.training.loop import train
from tinylm.training.update import update

LITTLE = {"steps": 60, "eval_interval": 5, "checkpoint_interval": 60, "learning_rate": 0.03}


def by_heart(folder: Path, **changes: Any) -> TrainingJob:
    """A run that reads three sentences again and again, and soon knows them by heart."""
    job = tiny.job(folder, **(LITTLE | {"muon_lr": 0.03} | changes))
    ids = job.tokenizer.encode_batch(tiny.documents(3))
    job.batches = DocumentBatches(ids, 4, 32, job.tokenizer.separator, 1)
    return job


def measured(events: list[Event]) -> dict[int, float]:
    return {e.step: e.loss for e in events if isinstance(e, EvalDone) and e.step}


def saved(events: list[Event]) -> list[int]:
    return [e.step for e in events if isinstance(e, CheckpointSaved)]


def ended(events: list[Event]) -> tuple[int, str]:
    last = events[-1]
    assert isinstance(last, RunEnded)
    return last.step, last.reason


def paused_at(step: int, job: TrainingJob) -> list[Event]:
    """The events of a run that is paused after `step` updates."""
    done = [0]
    events = []
    for event in train(job, control=lambda: "pause" if done[0] >= step else "run"):
        events.append(event)
        done[0] = event.step
    return events


def by_heart_at(step: int, folder: Path) -> dict[str, torch.Tensor]:
    """The weights after `step` updates."""
    job = by_heart(folder)
    paused_at(step, job)
    return job.checkpoints.load(step).model


def test_the_best_validation_has_a_checkpoint_with_the_weights_of_then(tmp_path: Path) -> None:
    job = by_heart(tmp_path / "whole")
    events = list(train(job))
    losses = measured(events)
    best = min(losses, key=losses.__getitem__)
    assert 0 < best < 60 and losses[60] > losses[best] + 0.3
    assert saved(events) == [best, 60] == job.checkpoints.steps()
    assert best_step(saved(events), [e for e in events if isinstance(e, EvalDone)], 0) == 60
    tokens = job.validation.num_tokens
    assert best_step(saved(events), [e for e in events if isinstance(e, EvalDone)], tokens) == best
    for name, weights in by_heart_at(best, tmp_path / "short").items():
        assert torch.equal(weights, job.checkpoints.load(best).model[name])


def test_training_ends_once_the_loss_has_long_turned(tmp_path: Path) -> None:
    whole = measured(list(train(by_heart(tmp_path / "whole"))))
    best = min(whole, key=whole.__getitem__)
    events = list(train(by_heart(tmp_path / "early", patience=3)))
    assert ended(events) == (best + 15, "turned")
    assert measured(events) == {step: loss for step, loss in whole.items() if step <= best + 15}
    assert saved(events) == [best, best + 15]


def test_a_paused_run_remembers_its_best_validation(tmp_path: Path) -> None:
    whole = list(train(by_heart(tmp_path / "whole", patience=3)))
    best = saved(whole)[0]
    first = by_heart(tmp_path / "parts", patience=3)
    events = paused_at(best + 2, first)
    assert ended(events) == (best + 2, "paused")
    again = by_heart(tmp_path / "parts", patience=3)
    again.resume = again.checkpoints.load(with_optimizer=True)
    assert again.resume.step == best + 2 and again.resume.best[0] == best
    rest = list(train(again))
    assert ended(rest) == ended(whole)
    assert measured(events) | measured(rest) == measured(whole)


def test_a_killed_run_has_the_best_checkpoint_too(tmp_path: Path) -> None:
    """Before, the checkpoint that it was resumed from named a step that only memory had."""
    whole = list(train(by_heart(tmp_path / "whole")))
    losses = measured(whole)
    best = min(losses, key=losses.__getitem__)
    killed = by_heart(tmp_path / "parts", checkpoint_interval=best + 2)
    for event in train(killed):
        if event == CheckpointSaved(best + 2, checkpoint_name(best + 2)):
            break
    again = by_heart(tmp_path / "parts", checkpoint_interval=best + 2)
    again.resume = again.checkpoints.load(with_optimizer=True)
    assert again.resume.step == best + 2 and again.resume.best[0] == best
    deque(train(again), maxlen=0)
    found = again.checkpoints.load(best)
    for name, weights in by_heart_at(best, tmp_path / "short").items():
        assert torch.equal(weights, found.model[name])


def test_a_run_that_diverges_keeps_its_best_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverging(*args: Any, **kept: Any) -> tuple[float, float, float]:
        if args[3] == 12:
            raise TrainingDiverged("The loss is no longer a number at step 13.")
        return update(*args, **kept)

    monkeypatch.setattr(loop, "update", diverging)
    job = by_heart(tmp_path)
    with pytest.raises(TrainingDiverged):
        deque(train(job), maxlen=0)
    assert job.checkpoints.steps() == [10]


def test_while_every_validation_is_better_nothing_more_is_written(tmp_path: Path) -> None:
    events = list(train(tiny.job(tmp_path, checkpoint_interval=20, eval_interval=5, patience=1)))
    losses = list(measured(events).values())
    assert losses == sorted(losses, reverse=True)
    assert saved(events) == [20] and ended(events) == (20, "done")


def test_the_last_checkpoint_is_the_best_unless_an_earlier_one_is_clearly_better() -> None:
    def evals(*losses: float, last: int = 100) -> list[EvalDone]:
        sizes = [100] * (len(losses) - 1) + [last]
        return [
            EvalDone(10 * i, 0, loss, 1.0, 1.0, size)
            for i, (loss, size) in enumerate(zip(losses, sizes, strict=True), start=1)
        ]

    assert best_step([10, 20, 30], evals(3.0, 2.0, 1.0), 100) == 30
    assert best_step([10, 20, 30], evals(3.0, 2.0, 2.5), 100) == 20
    assert best_step([10, 20, 30], evals(3.0, 2.0, 2.005), 100) == 30
    # The last one was measured on another text: nothing had turned, or it had.
    assert best_step([10, 20, 30], evals(3.0, 2.0, 2.5, last=900), 100) == 30
    assert best_step([10, 20, 40], evals(3.0, 2.0, 2.5, 2.0, last=900), 100) == 20
    assert best_step([30], [], 100) == 30

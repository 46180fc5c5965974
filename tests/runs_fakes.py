"""Fakes for the tests of runs: a clock that is set by hand, and an engine without a model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.fake_engine import FakeEngine
from tinylm.config import RunConfig
from tinylm.events import CheckpointSaved, EvalDone, Event, RunEnded, RunStarted, Sampled, StepDone
from tinylm.presets import preset_config
from tinylm.questions.base import A, Answer, Question
from tinylm.runs.service import Service


class FakeClock:
    """Seconds that pass only when told to."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


AT_THE_GATE = "at-the-gate"  # a file in the run's folder: seen from another process too


class CountingEngine:
    """ "Trains" by counting; saves every 10 steps; waits at `gate_at` until `gate` is open."""

    def __init__(self, gate_at: int | None = None, error: Exception | None = None) -> None:
        self.gate_at = gate_at
        self.gate = threading.Event()
        self.reached = threading.Event()
        self.error = error
        self.resumed_from: list[int] = []
        self.asked: list[Question[Answer]] = []

    def run(
        self,
        config: RunConfig,
        run_dir: Path,
        home: Path,
        *,
        resume: bool,
        control: Callable[[], str],
        threads: Callable[[], int],
        lr_factor: Callable[[], float] = lambda: 1.0,
    ) -> Iterator[Event]:
        saved = sorted((run_dir / "checkpoints").glob("step-*"))
        first = int(saved[-1].name[5:]) if resume else 0
        self.resumed_from.append(first)
        yield started(first, config, threads())
        for step in range(first + 1, config.train.steps + 1):
            wish = control()
            if wish != "run":
                yield save(run_dir, step - 1)
                yield RunEnded(step - 1, {"pause": "paused", "stop": "stopped"}[wish], 0.1)
                return
            yield step_done(step, config)
            if step % 10 == 0:
                yield EvalDone(step, step * 10, 1.0, 2.7, 1.4, 100)
                yield save(run_dir, step)
                yield Sampled(step, "once", " upon", 1, 1.0)
            if step == self.gate_at:
                self.reached.set()
                (run_dir / AT_THE_GATE).touch()
                while not self.gate.wait(0.01) and control() == "run":
                    pass
                if self.error is not None:
                    raise self.error
        yield RunEnded(config.train.steps, "done", 0.1)

    def answer(self, question: Question[A], home: Path) -> A:
        self.asked.append(question)
        if self.error is not None:
            raise self.error
        return FakeEngine().answer(question, home)


def started(step: int, config: RunConfig, threads: int = 1) -> RunStarted:
    return RunStarted(
        step, config.train.steps, config.tokens_per_step, 1, 256, 1, 1, 1, threads, "fp32", "cpu"
    )


def step_done(step: int, config: RunConfig | None = None, loss: float | None = None) -> StepDone:
    tokens = step * (config.tokens_per_step if config else 100)
    return StepDone(step, tokens, 5.0 / step if loss is None else loss, 0.01, 1.0, 1000.0)


def save(run_dir: Path, step: int) -> CheckpointSaved:
    name = f"step-{step:06d}"
    (run_dir / "checkpoints" / name).mkdir(parents=True, exist_ok=True)
    return CheckpointSaved(step, name)


def tiny(**changes: Any) -> RunConfig:
    return preset_config("tiny", **changes)


def wait_until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Poll until `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.02)


def finished_run(
    service: Service, config: RunConfig, *losses: float, final: float | None = None
) -> str:
    """A run that measured these losses every 20 steps, with a checkpoint at each.

    With `final`, its last step was measured on ten times as much text only.
    """
    run_id = service.store.create_run(config)
    claim = service.store.claim_run(run_id, "there:1:1")
    assert claim is not None
    begun = started(0, config)
    looks = [(20 * place, loss, begun.val_tokens) for place, loss in enumerate(losses, start=1)]
    if final is not None:
        looks.append((config.train.steps, final, 10 * begun.val_tokens))
    told: list[Event] = [begun]
    for step, loss, tokens in looks:
        told.append(StepDone(step, 900, 1.0, 0.01, 1.0, 9000.0))
        told.append(EvalDone(step, 900, loss, 9.0, 1.0, tokens))
        told.append(CheckpointSaved(step, f"step-{step:06}"))
    last = looks[-1][0]
    reason = "turned" if config.train.patience and last < config.train.steps else "done"
    service.store.add_events(run_id, [*told, RunEnded(last, reason, 2.0)], claim)
    service.store.finish_run(claim, "done")
    return run_id

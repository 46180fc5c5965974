"""What the command that records experiments keeps, and which seconds it counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import record_experiments
from tinylm.experiments.base import Experiment
from tinylm.experiments.recording import Trial, recording
from tinylm.questions.experiments import Measured


@pytest.mark.parametrize(("name", "base"), [("vector", "the base"), ("told", None)])
def test_a_base_is_trained_before_the_clock_starts(
    monkeypatch: pytest.MonkeyPatch, home: Path, name: str, base: str | None
) -> None:
    clock = iter(range(0, 1_000, 10))
    clocks = SimpleNamespace(perf_counter=lambda: next(clock))
    monkeypatch.setattr(record_experiments, "time", clocks)

    def base_of(*_: object) -> str:
        next(clock)  # it takes as long as an arm
        return "the base"

    def carry_through(*given: object, processes: int = 0) -> Iterator[Trial]:
        assert given[3] == base
        yield Trial("first", 11, Measured({}))
        yield Trial("second", 11, Measured({}))

    monkeypatch.setattr(record_experiments, "base_of", base_of)
    monkeypatch.setattr(record_experiments, "carry_through", carry_through)
    found = record_experiments.timed(name, home, 1)
    assert found.seconds == {"first": 10, "second": 10}


def test_arms_that_are_not_named_stay_as_they_were_recorded(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    def carry_through(
        service: object, found: Experiment, seed: int, **_: object
    ) -> Iterator[Trial]:
        assert [arm.name for arm in found.arms] == ["half"]
        yield Trial("half", seed, Measured({}))

    monkeypatch.setattr(record_experiments, "carry_through", carry_through)
    before = recording("sheets")
    assert before is not None
    found = record_experiments.record("sheets", [7], home, 1, ["half"])
    assert [trial.seed for trial in found.of("half")] == [7]
    assert found.of("none") == before.of("none")

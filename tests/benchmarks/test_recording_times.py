"""How long a live repetition takes is measured without the base that is there already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import record_experiments
from tinylm.experiments.recording import Trial
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

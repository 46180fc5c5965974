"""Loops are compiled once, by one process, before a run; without Numba all goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests import tiny
from tinylm.answers import engine
from tinylm.events import Preparing
from tinylm.fast import warm
from tinylm.model.generate import generate
from tinylm.presets import preset_config

WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
from tinylm.model.gpt import GPT
from tinylm.speed import begin_to_compile, compile_once, fastest, is_ready
assert fastest(GPT) is GPT and is_ready()
compile_once()
begin_to_compile()
from tests import tiny
from tinylm.model.generate import generate
print(generate(tiny.model(), [1, 2], 3, temperature=0))
"""


class Process:
    """One that compiles: how often it was asked whether it still does."""

    def __init__(self, status: int | None, polls: int = 0):
        self.status, self.polls = status, polls

    def wait(self, timeout: float) -> int:
        self.polls -= 1
        if self.status is None or self.polls >= 0:
            raise subprocess.TimeoutExpired("python", timeout)
        return self.status


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is compiled; returns the file that would say so."""
    stamp = tmp_path / "all-x.txt"
    monkeypatch.setattr(warm, "_stamp", lambda: stamp)
    return stamp


def test_what_is_compiled_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    warm.compile_once()  # before the first test the session did
    assert warm.is_ready()
    monkeypatch.setattr(warm, "_compiler", lambda: pytest.fail("a process was begun"))
    warm.compile_once()
    warm.begin()


def test_one_waits_for_the_process_that_compiles(
    cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Process(0, polls=5)
    monkeypatch.setattr(warm, "_compiler", lambda: work)
    warm.compile_once()
    assert work.polls == -1


def test_a_pause_is_not_kept_waiting(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_compiler", lambda: Process(None))
    answers = iter((False, False, True))
    warm.compile_once(give_up=lambda: next(answers))
    assert next(answers, None) is None


@pytest.mark.parametrize("status", [1, -9])
def test_a_compiler_that_fails_is_said_and_stops_nobody(
    status: int, cold: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warm, "_compiler", lambda: Process(status))
    warm.compile_once()
    assert str(status) in caplog.text


def test_a_machine_without_room_for_a_process_goes_on(
    cold: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(warm, "_compiler", refuse)
    warm.compile_once()
    warm.begin()
    assert caplog.text.count("no more processes") == 2


def test_workers_begin_one_compiler_between_them(
    cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(warm, "_compiler", lambda: begun.append("compiler"))
    with FileLock(warm._lock()):
        warm.begin()
    assert begun == []
    warm.begin()
    assert begun == ["compiler"]


def test_a_run_says_what_it_waits_for(
    cold: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_compiler", lambda: Process(0))
    events = engine.run(preset_config("tiny"), home / "run", home)
    first = next(events)
    assert isinstance(first, Preparing)
    assert "Compiling" in first.stage
    assert "corpus" in next(events).stage  # type: ignore[union-attr]


def test_without_numba_the_same_is_computed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.strip() == str(generate(tiny.model(), [1, 2], 3, temperature=0))

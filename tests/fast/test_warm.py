"""Loops are compiled once, by one process, before a run; without Numba all goes on."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests import tiny
from tests.runs_fakes import FakeClock
from tinylm import speed
from tinylm.answers import engine
from tinylm.events import Preparing, RunEnded
from tinylm.fast import warm
from tinylm.model.generate import generate
from tinylm.model.gpt import GPT
from tinylm.presets import preset_config

WITHOUT_NUMBA = """
import sys
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
        self.status, self.polls, self.killed = status, polls, False

    def wait(self, timeout: float) -> int:
        self.polls -= 1
        if self.status is None or self.polls >= 0:
            raise subprocess.TimeoutExpired("python", timeout)
        return self.status

    def kill(self) -> None:
        self.killed = True


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
    assert warm.compile_once()
    assert work.polls == -1


def test_a_pause_is_not_kept_waiting(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_compiler", lambda: Process(None))
    answers = iter((False, False, True))
    assert warm.compile_once(give_up=lambda: next(answers))
    assert next(answers, None) is None


@pytest.mark.parametrize("status", [1, -9])
def test_a_compiler_that_fails_is_said_and_stops_nobody(
    status: int, cold: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warm, "_compiler", lambda: Process(status))
    assert not warm.compile_once()
    assert str(status) in caplog.text


def test_a_compiler_that_hangs_is_ended_and_holds_no_run(
    cold: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work, clock = Process(None), FakeClock()
    monkeypatch.setattr(warm, "_compiler", lambda: work)

    def pass_time() -> bool:
        clock.now += 10
        return False

    began = clock.now
    assert not warm.compile_once(give_up=pass_time, clock=clock)
    assert clock.now - began == warm.LIMIT + 10 and work.killed
    assert "longer than 600 s" in caplog.text


def test_without_what_could_not_be_compiled_the_run_goes_on_and_says_so(
    cold: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_compiler", lambda: Process(1))
    monkeypatch.setattr(speed, "_given_up", threading.Event())
    small = preset_config("tiny", steps=2, vocab_size=280, documents=40)
    events = list(engine.run(small, home / "run", home))
    stages = [event.stage for event in events if isinstance(event, Preparing)]
    assert "Compiling" in stages[0] and "more slowly" in stages[1]
    assert isinstance(events[-1], RunEnded) and events[-1].reason == "done"
    assert speed.fastest(GPT) is GPT and speed.is_ready()


def test_a_machine_without_room_for_a_process_goes_on(
    cold: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(warm, "_compiler", refuse)
    assert not warm.compile_once()
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


@pytest.mark.parametrize(
    ("first", "environment"),
    [
        ("sys.modules['numba'] = None", {}),
        ("", {"NUMBA_DISABLE_JIT": "1"}),
    ],
    ids=["not installed", "told not to compile"],
)
def test_without_numba_the_same_is_computed(first: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA.replace("import sys", f"import sys\n{first}")],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    assert done.stdout.strip() == str(generate(tiny.model(), [1, 2], 3, temperature=0))


# A damaged cache

LOOP = """
from tinylm.fast.kernels import part

@part
def twice(x):
    return 2 * x
"""


def loop_of(path: Path) -> Any:
    """The compiled function of a file, as another process finds it."""
    spec = importlib.util.spec_from_file_location("loops", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["loops"] = module
    spec.loader.exec_module(module)
    return module.twice


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def another_name(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"numba", b"nunba"))


@pytest.mark.parametrize("damage", [garbage, cut, empty, another_name, Path.unlink])
@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_what_is_damaged_is_compiled_anew(
    damage: Callable[[Path], None], kind: str, tmp_path: Path
) -> None:
    source = tmp_path / "loops.py"
    source.write_text(LOOP)
    assert loop_of(source)(3) == 6
    (file,) = tmp_path.rglob(f"*.{kind}")
    damage(file)
    healed = loop_of(source)
    assert healed(3) == 6 and not healed.stats.cache_hits
    found = loop_of(source)
    assert found(3) == 6 and found.stats.cache_hits


def test_a_loop_whose_bytes_have_changed_is_deleted_before_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machine code that is another might do anything."""
    stamp = tmp_path / "all-x.txt"
    monkeypatch.setattr(warm, "_stamp", lambda: stamp)
    monkeypatch.setattr(warm, "_use_all", lambda precision: None)
    for name in ("kernels.add-1.1.nbc", "kernels.add-1.nbi", "kernels.norm-1.1.nbc"):
        (tmp_path / name).write_bytes(b"code")
    assert not warm.is_ready()
    assert warm.main() == 0
    assert warm.is_ready()
    (tmp_path / "kernels.norm-1.2.nbc").write_bytes(b"compiled later")
    assert warm.is_ready()
    (tmp_path / "kernels.add-1.1.nbc").write_bytes(b"cope")
    assert not warm.is_ready()
    monkeypatch.setattr(warm, "_compiler", lambda: None)
    warm.begin()
    assert [path.name for path in sorted(tmp_path.glob("*.nbc"))] == [
        "kernels.norm-1.1.nbc",
        "kernels.norm-1.2.nbc",
    ]
    stamp.write_bytes(b"")  # as an earlier version, or a loss of power, leaves it
    assert not warm.is_ready()
    warm.begin()
    assert warm.main() == 0
    assert warm.is_ready()

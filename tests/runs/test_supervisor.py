"""The supervisor: workers start, start again when they die, and end with the app."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from tests.runs_fakes import tiny, wait_until
from tinylm.errors import BadRequest
from tinylm.questions.models import NextToken
from tinylm.runs.service import Service
from tinylm.runs.work import supervisor
from tinylm.runs.work.supervisor import Supervisor, long_slots, restart_pause, worker_command

SLEEP = "import sys; print('hello', flush=True); sys.stdin.read()"
FAKE = str(Path(__file__).parents[1] / "fake_worker.py")


def sleeping(queue: str) -> list[str]:
    return [sys.executable, "-c", SLEEP, queue]


def test_workers_start_and_end_with_the_app(tmp_path: Path) -> None:
    workers = Supervisor(tmp_path, slots=2, command=sleeping, poll=0.02, stagger=0.0)
    workers.start()
    try:
        wait_until(lambda: len(workers.pids()) == 3)
        pids = workers.pids()
        kinds = sorted(psutil.Process(pid).cmdline()[-1] for pid in pids)
        assert kinds == ["long", "long", "short"]
        log = tmp_path / "logs" / "worker-short.log"
        wait_until(lambda: "hello" in log.read_text(encoding="utf-8"))
    finally:
        workers.stop()
    assert workers.pids() == []
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_the_worker_that_answers_does_not_wait_for_the_first_page(tmp_path: Path) -> None:
    workers = Supervisor(tmp_path, slots=1, command=sleeping, poll=0.02, delay=3600.0)
    workers.start()
    try:
        wait_until(lambda: len(workers.pids()) == 1)
        assert psutil.Process(workers.pids()[0]).cmdline()[-1] == "short"
    finally:
        workers.stop()


def test_a_dead_worker_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "restart_pause", lambda deaths: 0.0)
    workers = Supervisor(tmp_path, slots=1, command=sleeping, poll=0.02, stagger=0.0)
    workers.start()
    try:
        wait_until(lambda: len(workers.pids()) == 2)
        first = workers.pids()[0]
        psutil.Process(first).kill()
        wait_until(lambda: len(workers.pids()) == 2 and workers.pids()[0] != first)
    finally:
        workers.stop()


def test_a_worker_that_does_not_listen_is_ended(tmp_path: Path) -> None:
    code = "import threading; threading.Event().wait()"
    workers = Supervisor(
        tmp_path, slots=1, command=lambda queue: [sys.executable, "-c", code], poll=0.02, stagger=0
    )
    workers.start()
    wait_until(lambda: len(workers.pids()) == 2)
    workers.stop(grace=0.1)
    assert workers.pids() == []


def test_a_program_that_is_missing_does_not_end_the_supervisor(tmp_path: Path) -> None:
    workers = Supervisor(tmp_path, slots=1, command=lambda queue: ["/no/such/program"], stagger=0)
    workers.start()
    wait_until(lambda: all(slot.deaths for slot in workers._slots))
    workers.stop()


def test_external_workers_are_left_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_WORKERS", "external")
    workers = Supervisor(tmp_path, slots=1, command=sleeping)
    workers.start()
    assert workers.pids() == []
    workers.stop()


def test_a_run_goes_through_a_supervised_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started from another folder than the project's, as an installed app may be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(FAKE).parents[1]))
    home = tmp_path / "home"

    def command(queue: str) -> list[str]:
        options = worker_command(queue)[3:]
        return [sys.executable, FAKE, "--home", str(home), *options]

    service = Service(home)
    run_id = service.start(tiny(steps=50))
    workers = Supervisor(home, slots=1, command=command, poll=0.05, stagger=0)
    workers.start()
    try:
        wait_until(lambda: service.run(run_id).status == "done", 30)
        wait_until(lambda: service.ask(NextToken(run_id, 50, "The")).over, 20)
        assert service.ask(NextToken(run_id, 50, "The")).status == "done"
    finally:
        workers.stop()
    assert service.workers() == []
    service.close()


def test_the_command_line_of_a_worker() -> None:
    command = worker_command("long")
    assert command[:3] == [sys.executable, "-m", "tinylm.runs.work.worker"]
    assert command[3:7] == ["--queue", "long", "--parent", str(os.getpid())]


def test_pauses_between_restarts_double_up_to_a_limit() -> None:
    assert [restart_pause(deaths) for deaths in (1, 2, 3, 50)] == [1.0, 2.0, 4.0, 30.0]


def test_slots_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINYLM_LONG_SLOTS", raising=False)
    monkeypatch.setattr(supervisor, "usable_cores", lambda: 6)
    assert long_slots() == 3
    monkeypatch.setenv("TINYLM_LONG_SLOTS", "5")
    assert long_slots() == 5
    for bad in ("0", "many", "-1", "1000"):
        monkeypatch.setenv("TINYLM_LONG_SLOTS", bad)
        with pytest.raises(BadRequest, match="between 1 and 64"):
            long_slots()
        with pytest.raises(BadRequest, match="between 1 and 64"):
            Supervisor(tmp_path).start()

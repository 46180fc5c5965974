"""Workers: they carry out runs and jobs, heed wishes, and leave nothing half-done."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.runs_fakes import (
    AT_THE_GATE,
    CountingEngine,
    FakeClock,
    started,
    step_done,
    tiny,
    wait_until,
)
from tinylm.errors import StorageError, TrainingDiverged
from tinylm.events import EvalDone, RunEnded
from tinylm.questions.models import NextToken
from tinylm.runs.service import Service
from tinylm.runs.store.tables import runs
from tinylm.runs.work import execute as jobs
from tinylm.runs.work.execute import Context, RunWriter, execute_next, execute_run
from tinylm.runs.work.worker import Worker

ROOT = Path(__file__).parents[2]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.close()


@contextmanager
def working(
    home: Path, engine: CountingEngine, orphaned: Callable[[], bool] = lambda: False
) -> Iterator[Worker]:
    """A worker in a thread of this process."""
    worker = Worker(home, "both", engine=engine, orphaned=orphaned, poll=0.02)
    thread = threading.Thread(target=worker.serve)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop.set()
        engine.gate.set()
        thread.join(10)
        assert not thread.is_alive()


def context(service: Service, engine: CountingEngine, stopping: bool = False) -> Context:
    return Context(service.home, service.store, engine, "here:1:1", lambda: stopping)


def test_a_run_is_carried_out(service: Service) -> None:
    with working(service.home, CountingEngine()):
        run_id = service.start(tiny())
        wait_until(lambda: service.run(run_id).status == "done")
    row = service.run(run_id)
    assert (row.step, row.last_val, row.error) == (60, 1.0, "")
    assert row.started and row.ended and row.seconds > 0
    assert len(service.curve(run_id)) == 60
    assert service.checkpoints(run_id) == [10, 20, 30, 40, 50, 60]
    assert len(service.told(run_id).samples) == 6
    assert service.disk_usage(run_id) == 0  # the fake saves empty folders


def test_pause_saves_gives_the_slot_back_and_resumes_there(service: Service) -> None:
    engine = CountingEngine(gate_at=25)
    with working(service.home, engine):
        run_id = service.start(tiny())
        other = service.start(tiny(), title="waits behind it")
        assert engine.reached.wait(10)
        assert service.store.queued_runs() == [other]
        service.pause(run_id)
        wait_until(lambda: service.run(run_id).status == "paused")
        assert service.checkpoints(run_id) == [10, 20, 25]
        engine.gate.set()
        wait_until(lambda: service.run(other).status == "done")
        service.resume(run_id)
        service.resume(run_id)
        wait_until(lambda: service.run(run_id).status == "done")
    assert engine.resumed_from == [0, 0, 25]
    assert [point.step for point in service.curve(run_id)] == list(range(1, 61))


def test_stop_ends_a_run(service: Service) -> None:
    engine = CountingEngine(gate_at=5)
    with working(service.home, engine):
        run_id = service.start(tiny())
        assert engine.reached.wait(10)
        service.stop(run_id)
        wait_until(lambda: service.run(run_id).status == "stopped")
    ended = service.latest(run_id, RunEnded)
    assert ended is not None and ended.reason == "stopped"


def test_a_deleted_run_stops_and_leaves_no_files(service: Service) -> None:
    engine = CountingEngine(gate_at=15)
    with working(service.home, engine):
        run_id = service.start(tiny())
        assert engine.reached.wait(10)
        folder = service.run_dir(run_id)
        assert folder.exists()
        service.delete(run_id)
        assert service.runs() == []
        wait_until(lambda: not folder.exists())
        wait_until(lambda: service.store.deleted_at_rest() == [])
    assert list(folder.parent.iterdir()) == []


@pytest.mark.parametrize("way", ["stop", "orphaned"])
def test_a_worker_that_has_to_end_saves_its_run(service: Service, way: str) -> None:
    engine = CountingEngine(gate_at=15)
    parent_gone = threading.Event()
    with working(service.home, engine, parent_gone.is_set) as worker:
        run_id = service.start(tiny())
        assert engine.reached.wait(10)
        assert len(service.workers()) == 1
        (worker.stop if way == "stop" else parent_gone).set()
        wait_until(lambda: service.run(run_id).status == "interrupted")
        wait_until(lambda: service.workers() == [])
    assert service.checkpoints(run_id) == [10, 15]
    ended = service.latest(run_id, RunEnded)
    assert ended is not None and ended.reason == "interrupted"
    with working(service.home, engine):
        service.resume(run_id)
        wait_until(lambda: service.run(run_id).status == "done")
    assert engine.resumed_from == [0, 15]


def test_a_worker_that_ends_as_it_takes_a_run_leaves_it_waiting(service: Service) -> None:
    run_id = service.start(tiny())
    assert execute_next(context(service, CountingEngine(), stopping=True))
    assert service.run(run_id).status == "queued"
    assert execute_next(context(service, CountingEngine()))
    assert service.run(run_id).status == "done"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TrainingDiverged("The loss is no number: lower the rate."), "The loss is no number"),
        (MemoryError(), "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (ZeroDivisionError("by zero"), "An unexpected error ended this: ZeroDivisionError"),
    ],
)
def test_a_failure_is_a_sentence_and_the_worker_goes_on(
    service: Service, error: Exception, sentence: str
) -> None:
    engine = CountingEngine(gate_at=15, error=error)
    engine.gate.set()
    run_id = service.start(tiny())
    execute_run(context(service, engine), run_id)
    row = service.run(run_id)
    assert row.status == "failed"
    assert sentence in row.error
    log = service.home / "logs" / f"{run_id}.log"
    assert log.exists() == isinstance(error, ZeroDivisionError)
    service.resume(run_id)
    execute_run(context(service, CountingEngine()), run_id)
    assert service.run(run_id).status == "done"


def test_settings_of_another_version_fail_in_words(service: Service) -> None:
    run_id, other = service.start(tiny()), service.start(tiny())
    with service.store._db.write() as connection:
        settings = json.dumps(tiny().to_dict() | {"version": 99})
        connection.execute(update(runs).where(runs.c.id == run_id).values(config=settings))
    for _ in ("before", "after"):
        row = service.run(run_id)
        assert row.status == "failed" and "version 99" in row.error
        assert {row.id for row in service.runs()} == {run_id, other}
        engine = CountingEngine()
        execute_run(context(service, engine), run_id)
        assert engine.resumed_from == []
    service.resume(run_id)
    execute_run(context(service, CountingEngine()), run_id)
    assert "version 99" in service.run(run_id).error
    service.delete(run_id)
    assert [row.id for row in service.runs()] == [other]


def test_a_message_for_a_run_that_no_longer_waits_is_ignored(service: Service) -> None:
    run_id = service.start(tiny())
    service.stop(run_id)
    engine = CountingEngine()
    execute_run(context(service, engine), run_id)
    execute_run(context(service, engine), "world-tiny-aaaaaa")
    assert engine.resumed_from == []


def test_a_run_without_a_message_is_found(service: Service) -> None:
    run_id = service.store.create_run(tiny())  # as if the app had died before the message
    with working(service.home, CountingEngine()):
        wait_until(lambda: service.run(run_id).status == "done")


def test_short_jobs_are_answered_once(service: Service) -> None:
    engine = CountingEngine()
    with working(service.home, engine):
        asked = {text: NextToken("a-run", 0, text) for text in ("a", "b")}
        job = service.ask_all({"": asked["a"]}, wait=10)[""]
        assert job.answer is not None and job.answer.tokens[0].text == " Accra"
        assert service.ask(asked["a"]).status == "done"
        assert engine.asked == [asked["a"]]
        engine.error = ValueError("no")
        job = service.ask_all({"": asked["b"]}, wait=10)[""]
        assert job.status == "failed" and "ValueError: no" in job.error
        engine.error = None
        assert service.ask_all({"": asked["b"]}, wait=10, retry=True)[""].status == "done"


# The writer


def writer_of(service: Service, clock: FakeClock, stopping: bool = False) -> RunWriter:
    run_id = service.start(tiny())
    claim = service.store.claim_run(run_id, "here:1:1")
    assert claim is not None
    return RunWriter(context(service, CountingEngine(), stopping), claim, clock=clock)


def test_steps_are_written_in_batches_and_other_events_at_once(service: Service) -> None:
    clock = FakeClock()
    writer = writer_of(service, clock)
    (run,) = service.runs()
    writer.add(started(0, tiny()))
    writer.add(step_done(1))
    assert service.run(run.id).step == 0
    clock.now += 0.4
    writer.add(step_done(2))
    assert service.run(run.id).step == 2
    writer.add(step_done(3))
    writer.add(EvalDone(3, 3, 1.0, 2.7, 1.4, 9))
    assert service.run(run.id).step == 3


def test_a_database_that_refuses_for_a_moment_costs_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    writer = writer_of(service, clock)
    (run,) = service.runs()

    def refuse(*args: Any, **options: Any) -> None:
        raise StorageError("The database is busy: try again in a moment.")

    with monkeypatch.context() as patch:
        for name in ("add_events", "read_wish", "beat"):
            patch.setattr(service.store, name, refuse)
        writer.add(started(0, tiny()))
        clock.now += 30
        writer.add(step_done(1))
        writer.beat()
        assert writer.control() == "run"
        clock.now += 40
        with pytest.raises(StorageError):
            writer.add(step_done(2))
    clock.now += 1
    writer.add(step_done(3))
    assert [point.step for point in service.curve(run.id)] == [1, 2, 3]


def test_the_wish_is_read_now_and_then(service: Service) -> None:
    clock = FakeClock()
    writer = writer_of(service, clock)
    (run,) = service.runs()
    assert writer.control() == "run"
    service.pause(run.id)
    assert writer.control() == "run"
    clock.now += 0.3
    assert writer.control() == "pause"
    service.stop(run.id)
    writer.beat()
    assert writer.control() == "stop"


def test_a_writer_whose_run_was_given_away_stops_quietly(service: Service) -> None:
    writer = writer_of(service, FakeClock())
    (run,) = service.runs()
    claim = writer._claim
    service.store.finish_run(claim, "interrupted")
    writer.add(EvalDone(3, 3, 1.0, 2.7, 1.4, 9))
    assert writer.lost and writer.control() == "stop"
    assert service.evals(run.id) == ()


def test_cores_are_shared_by_running_runs(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "usable_cores", lambda: 8)
    clock = FakeClock()
    writer = writer_of(service, clock)
    assert writer.threads() == 8
    writer_of(service, clock)
    assert writer.threads() == 8  # looked up at most once a second
    clock.now += 2
    assert writer.threads() == 4


# Real processes


FAKE = [str(ROOT / "tests" / "fake_worker.py")]
REAL = ["-m", "tinylm.runs.work.worker"]


def start_worker(program: list[str], home: Path, *options: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, *program, "--home", str(home), *options],
        cwd=home,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that may have ended already, and give its pipe back."""
    process.kill()
    process.communicate()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing until its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    )
    yield process
    end(process)


@pytest.mark.parametrize("way", ["parent", "stdin", "signal"])
def test_a_worker_process_ends_by_itself_and_saves_its_run(
    service: Service, sleeper: subprocess.Popen[bytes], way: str
) -> None:
    if way == "signal" and os.name != "posix":
        pytest.skip("no gentle signal on Windows")
    options = ("--until-stdin-closes",) if way == "stdin" else ("--parent", str(sleeper.pid))
    run_id = service.start(tiny())
    worker = start_worker(FAKE, service.home, *options)
    try:
        # At step 55, not at the checkpoint of step 50: the worker may end in between.
        wait_until((service.run_dir(run_id) / AT_THE_GATE).exists, 30)
        assert [row.pid for row in service.workers()] == [worker.pid]
        if way == "parent":
            sleeper.kill()
            sleeper.wait()
        elif way == "stdin":
            assert worker.stdin is not None
            worker.stdin.close()
        else:
            worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
        assert service.workers() == []
        assert service.run(run_id).status == "interrupted"
        assert service.checkpoints(run_id)[-1] == 55
    finally:
        end(worker)


def test_a_killed_worker_shows_as_interrupted_and_its_run_resumes(service: Service) -> None:
    run_id = service.start(tiny())
    worker = start_worker(FAKE, service.home)
    try:
        wait_until(lambda: service.checkpoints(run_id)[-1:] == [50], 30)
    finally:
        end(worker)
    assert service.workers() == []
    assert service.run(run_id).status == "interrupted"
    service.resume(run_id)
    engine = CountingEngine()
    execute_run(context(service, engine), run_id)
    assert engine.resumed_from == [50]
    assert [point.step for point in service.curve(run_id)] == list(range(1, 61))


def test_the_real_worker_starts_without_a_page_and_ends_with_its_parent(
    service: Service, sleeper: subprocess.Popen[bytes]
) -> None:
    worker = start_worker(REAL, service.home, "--queue", "short", "--parent", str(sleeper.pid))
    try:
        wait_until(service.workers, 30)
        sleeper.kill()
        sleeper.wait()
        assert worker.wait(30) == 0
        assert service.workers() == []
    finally:
        end(worker)

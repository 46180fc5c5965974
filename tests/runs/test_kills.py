"""A run that is killed at any moment goes on as if it had not been, with a complete curve."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from tests import tiny
from tests.runs_fakes import CountingEngine, FakeClock, started, step_done
from tests.runs_fakes import tiny as settings
from tinylm.errors import StorageError
from tinylm.events import CheckpointDue, CheckpointSaved
from tinylm.files import make_folder, part_prefix, remove_parts, write_whole
from tinylm.home import database_url, run_dir
from tinylm.process import own_token
from tinylm.runs.cleaning import folder_size, sweep
from tinylm.runs.service import Service
from tinylm.runs.store import Store
from tinylm.runs.store.database import Database
from tinylm.runs.store.rows import Claim
from tinylm.runs.store.tables import steps
from tinylm.runs.work import execute
from tinylm.runs.work.execute import Context, RunWriter
from tinylm.training.loop import train
from ui.charts.training import describe_missing

pytestmark = pytest.mark.usefixtures("one_thread")


STRIDE = 3  # every third call is a kill; with 1 it takes three times as long


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it, and nothing is tidied up."""


class Deadly:
    """Counts the calls that reach the disk or the database, and kills at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 10**9
        self.calls = 0
        for owner, name in ((os, "fsync"), (os, "rename"), (os, "replace"), (os, "mkdir")):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))
        write = Database.write

        @contextmanager
        def writing(database: Database, *args: Any, **options: Any) -> Iterator[Any]:
            self.count()
            with write(database, *args, **options) as connection:
                yield connection
            self.count()

        monkeypatch.setattr(Database, "write", writing)

    def count(self) -> None:
        self.calls += 1
        self.left -= 1
        if self.left < 0:
            raise Killed

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.count()
            return real(*args, **options)

        return call


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.close()


def context(service: Service) -> Context:
    return Context(service.home, service.store, CountingEngine(), own_token())


def sitting(service: Service, claim: Claim) -> None:
    """Train as a worker does, up to the end or to a kill."""
    writer = RunWriter(context(service), claim, clock=lambda: 0.0)  # steps wait in memory
    folder = run_dir(service.home, claim.run_id)
    make_folder(folder)
    remove_parts(folder)
    job = tiny.job(folder, steps=9, eval_interval=3, checkpoint_interval=3)
    if job.checkpoints.steps():
        job.resume = job.checkpoints.load(with_optimizer=True)
        job.checkpoints.remove_after(job.resume.step)
    for event in train(job, control=writer.control):
        writer.add(event)


def kept(service: Service, run_id: str) -> dict[str, object]:
    """All that should not depend on whether the run was killed."""
    told = service.told(run_id)
    folder = run_dir(service.home, run_id)
    return {
        "steps": [(p.step, p.tokens_seen, p.loss, p.missing) for p in service.curve(run_id)],
        "evals": told.evals,
        "samples": told.samples,
        "checkpoints": service.checkpoints(run_id),
        "files": {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        },
    }


def test_a_kill_at_every_write_leaves_no_hole_and_no_rest(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = Deadly(monkeypatch)

    def begin() -> Claim:
        return service.store.create_claimed(settings(steps=9), "", "", own_token())

    sitting(service, begin())  # learns the vocabulary, which later runs find: they write less
    claim = begin()
    deadly.calls = 0
    sitting(service, claim)
    calls, expected = deadly.calls, kept(service, claim.run_id)
    assert [step for step, *_ in expected["steps"]] == list(range(1, 10))  # type: ignore[attr-defined]
    assert calls > 40
    for at in range(0, calls, STRIDE):
        claim = begin()
        deadly.left = at
        with pytest.raises(Killed):
            sitting(service, claim)
        deadly.left = 10**9
        sitting(service, claim)
        assert kept(service, claim.run_id) == expected, f"killed at call {at}"


def test_a_checkpoint_waits_until_its_steps_are_stored(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = service.store.create_claimed(settings(), "", "", own_token())
    writer = RunWriter(context(service), claim)
    writer.add(started(0, settings()))
    for step in range(1, 4):
        writer.add(step_done(step))
    assert len(service.curve(claim.run_id)) < 3
    monkeypatch.setattr(execute, "RETRY_EVERY", 0.0)
    asked: list[bool] = []
    real = Store.add_events

    def refuses_twice(store: Store, *args: Any, **options: Any) -> None:
        asked.append(options["durable"])
        if len(asked) < 3:
            raise StorageError("The database is busy: try again in a moment.")
        real(store, *args, **options)

    monkeypatch.setattr(Store, "add_events", refuses_twice)
    writer.add(CheckpointDue(3))
    assert asked == [True] * 3
    assert len(service.curve(claim.run_id)) == 3
    writer.add(CheckpointDue(3))
    assert asked == [True] * 4  # what was written before is flushed, too


def test_a_worker_that_lost_its_run_saves_no_checkpoint(service: Service) -> None:
    claim = service.store.create_claimed(settings(), "", "", own_token())
    writer = RunWriter(context(service), Claim(claim.run_id, "other", claim.config, 0.0, 0.0))
    writer.add(CheckpointDue(3))
    assert writer.lost


def test_only_what_a_checkpoint_rests_on_is_flushed_at_once(tmp_path: Path) -> None:
    database = Database(database_url(tmp_path))
    for durable, level in ((False, 1), (True, 2), (False, 1)):
        with database.write(durable=durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level
    database.close()


def test_a_resumed_run_tells_of_the_checkpoint_it_continues_from(tmp_path: Path) -> None:
    list(train(tiny.job(tmp_path, steps=6, checkpoint_interval=3)))
    job = tiny.job(tmp_path, steps=6)
    job.resume = job.checkpoints.load(3, with_optimizer=True)
    saved = [event for event in train(job) if isinstance(event, CheckpointSaved)]
    assert [(event.step, event.name) for event in saved] == [(3, "step-000003"), (6, "step-000006")]


def test_a_curve_says_where_it_is_not_complete(tmp_path: Path) -> None:
    store = Store(database_url(tmp_path), clock=FakeClock())
    run_id = store.create_run(settings())
    store.add_events(run_id, [started(0, settings()), *(step_done(n) for n in range(1, 21))])
    assert describe_missing(store.curve(run_id)) == ""
    with store._db.write() as connection:  # as an earlier version left it
        connection.execute(delete(steps).where(steps.c.step.between(7, 10)))
    store._curves.put((run_id, 300), None)  # type: ignore[arg-type]
    points = store.curve(run_id)
    assert [(point.step, point.missing) for point in points if point.missing] == [(11, 4)]
    assert "4 training steps are missing from this curve, shortly before step 11" in (
        describe_missing(points)
    )
    assert sum(point.missing for point in store.curve(run_id, max_points=6)) == 4


def test_parts_count_until_their_writer_is_gone_and_are_then_removed(tmp_path: Path) -> None:
    gone = part_prefix().replace(f"%3A{os.getpid()}%3A", "%3A999999999%3A")
    folder = tmp_path / "runs" / "world-tiny-aaaaaa" / "checkpoints"
    for name in (f"{part_prefix()}1", f"{gone}2", ".part-12345678", "step-000005"):
        (folder / name).mkdir(parents=True)
        (folder / name / "model.safetensors").write_bytes(b"x" * 10)
    for name in (f"{part_prefix()}a", f"{gone}b"):
        (tmp_path / name).write_bytes(b"x")
    assert folder_size(folder) == 40
    sweep(tmp_path)
    assert {path.name for path in folder.iterdir()} == {f"{part_prefix()}1", "step-000005"}
    assert [path.name for path in tmp_path.glob(".part-*")] == [f"{part_prefix()}a"]
    remove_parts(folder)
    assert folder_size(folder) == 10


def test_a_file_is_flushed_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def flushed(handle: int) -> None:
        done.append("folder" if os.path.isdir(handle) else "file")
        fsync(handle)

    def replaced(source: Path, target: Path) -> None:
        done.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", replaced)
    write_whole(tmp_path / "a.json", b"{}")
    assert done == (["file", "rename"] if os.name == "nt" else ["file", "rename", "folder"])
    assert (tmp_path / "a.json").read_bytes() == b"{}"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]

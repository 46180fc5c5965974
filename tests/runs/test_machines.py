"""Machines that share a PostgreSQL server and a place for files: each has a home of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.machines import TEXT, homes
from tests.postgres import Server
from tests.runs_fakes import FakeClock, step_done, tiny, wait_until
from tinylm.corpora.sources.uploads import save_upload
from tinylm.home import database_url, run_dir
from tinylm.process import token_pid
from tinylm.questions.models import NextToken
from tinylm.runs.service import Service
from tinylm.runs.store import Store
from tinylm.runs.store.tables import runs
from tinylm.training.checkpoints import CheckpointFolder

ROOT = Path(__file__).parents[2]


@contextmanager
def worker(home: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process, whose home nobody else uses."""
    environment = os.environ | {"TINYLM_DATABASE": address, "OMP_NUM_THREADS": "1"}
    with (home / "worker.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tinylm.runs.work.worker", "--home", str(home)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(600)
def test_a_killed_workers_run_is_taken_over_and_ends_as_an_undisturbed_one(
    postgres: Server, tmp_path: Path, place: Path
) -> None:
    address = postgres.new_database()
    one, two, pages = homes(tmp_path, 3)
    service = Service(pages, url=address)
    corpus = save_upload(TEXT.encode(), "Cats", pages).name
    settings = {"steps": 400, "checkpoint_interval": 50, "eval_interval": 200, "threads": 1}
    # "auto" measures which precision is faster, and two busy workers may find different ones.
    config = tiny(corpus=corpus, precision="fp32", **settings)
    with worker(one, address) as first, worker(two, address) as second:
        pids = {first.pid: first, second.pid: second}
        wait_until(lambda: len(service.workers()) == 2, 180)
        ids = [service.start(config), service.start(config)]

        def pid_of(run_id: str) -> int:
            query = runs.select().where(runs.c.id == run_id)
            with service.store._db.read() as connection:
                token = connection.execute(query).one().worker
            return token_pid(token) if token else 0

        wait_until(lambda: all(service.checkpoints(run_id) for run_id in ids), 180)
        killed, calm = ids
        dead = pids[pid_of(killed)]
        assert dead is not pids[pid_of(calm)]
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        assert service.run(killed).status != "done"
        wait_until(lambda: {service.run(run_id).status for run_id in ids} == {"done"}, 180)
        question = NextToken(killed, 400, "The ")
        service.ask(question)
        wait_until(lambda: service.ask(question).over, 60)
        assert not service.ask(question).error
    resumed, undisturbed = (service.curve(run_id, 400) for run_id in ids)
    assert [(p.step, p.loss) for p in resumed] == [(p.step, p.loss) for p in undisturbed]
    assert service.evals(killed) == service.evals(calm)
    last = [run_dir(pages, run_id) / "checkpoints" for run_id in ids]
    for folder in last:  # the pages' home takes both from the shared place
        assert CheckpointFolder(str(folder)).load(400, with_optimizer=True).step == 400
    for file in ("model.safetensors", "optimizer.safetensors"):
        assert len({(folder / "step-000400" / file).read_bytes() for folder in last}) == 1
    service.delete(killed)
    assert not (place / "runs" / killed).exists()
    service.close()


def test_a_run_that_dies_without_getting_further_is_not_taken_over_again(tmp_path: Path) -> None:
    clock = FakeClock()
    store = Store(database_url(tmp_path), clock=clock, ticks=clock)
    run_id = store.create_run(tiny())

    def dies(*steps: int) -> list[str]:
        claim = store.claim_run(run_id, "another-computer:1:1")
        assert claim is not None
        store.add_events(run_id, [step_done(step) for step in steps], claim)
        assert store.take_over() == []
        clock.now += 16
        return store.take_over()

    assert dies(1, 2) == [run_id]
    assert store.run(run_id).status == "queued"
    assert dies(3) == [run_id]  # it got further
    assert dies() == []
    assert store.run(run_id).status == "interrupted"
    assert store.wish(run_id, "run")  # a person may still resume it
    assert store.run(run_id).status == "queued"


def test_nobody_takes_over_what_somebody_wants_to_end(tmp_path: Path) -> None:
    clock = FakeClock()
    store = Store(database_url(tmp_path), clock=clock, ticks=clock)
    run_id = store.create_run(tiny())
    assert store.claim_run(run_id, "another-computer:1:1")
    store.wish(run_id, "pause")
    store.take_over()
    clock.now += 16
    assert store.take_over() == []

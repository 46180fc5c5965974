"""A loss of power at any flush, simulated: the run resumes, and no checkpoint is torn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from benchmarks.power import Disk, lose_power, torn
from tests.runs.test_kills import Killed, kept, sitting
from tests.runs_fakes import tiny as settings
from tinylm.events import RunStarted
from tinylm.home import run_dir
from tinylm.process import own_token
from tinylm.runs.service import Service
from tinylm.runs.store.database import Database

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc"),
]
STRIDE = 5  # at every fifth flush the power goes; with 1 it takes five times as long


class Losing:
    """Records flushes on a Disk, and ends the process at one of them; it may also flush nothing."""

    def __init__(self, home: Path, record: Path, at: int, flush: bool = True) -> None:
        self.disk, self.left, self.flush, self.asked = Disk(home, record), at, flush, 0
        self.disk.begin()

    def ask(self) -> bool:
        self.asked += 1
        self.left -= 1
        if self.left < 0:
            raise Killed
        return self.flush

    @contextmanager
    def patched(self) -> Iterator[None]:
        write = Database.write

        def fsync(handle: int) -> None:
            if self.ask():
                self.disk.flushed(handle)

        @contextmanager
        def writing(database: Database, *args: Any, durable: bool = False) -> Iterator[Any]:
            with write(database, *args, durable=durable) as connection:
                yield connection
            if durable and self.ask():
                self.disk.committed()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            patch.setattr(Database, "write", writing)
            try:
                yield
            finally:
                self.disk.close()


def trained_until(folder: Path, at: int, flush: bool = True) -> tuple[Losing, Any, Path]:
    """A run up to the loss; what asked for flushes, its claim, and the home after the loss."""
    service = Service(folder / "home")
    claim = service.store.create_claimed(settings(steps=9), "", "", own_token())
    losing = Losing(service.home, folder / "record", at, flush)
    with losing.patched(), suppress(Killed):
        sitting(service, claim)
    service.close()
    lose_power(service.home, folder / "record", folder / "after", lambda: False)
    return losing, claim, folder / "after"


def test_a_loss_of_power_at_any_flush_costs_at_most_one_interval(tmp_path: Path) -> None:
    losing, claim, after = trained_until(tmp_path / "whole", 10**9)
    undisturbed = Service(tmp_path / "whole" / "home")
    expected, flushes = kept(undisturbed, claim.run_id), losing.asked
    undisturbed.close()
    assert flushes > 20
    for at in range(0, flushes + 1, STRIDE):
        _, claim, after = trained_until(tmp_path / str(at), at)
        assert torn(run_dir(after, claim.run_id)) == []
        before = Service(tmp_path / str(at) / "home")
        shown = before.run(claim.run_id).step
        before.close()
        service = Service(after)
        sitting(service, claim)
        resumed = service.store.events(claim.run_id, [RunStarted])[-1].step
        assert shown - resumed <= 3
        assert kept(service, claim.run_id) == expected, f"power lost at flush {at}"
        service.close()


def test_the_simulation_finds_what_is_not_flushed(tmp_path: Path) -> None:
    _, claim, after = trained_until(tmp_path, 10**9, flush=False)
    assert not run_dir(after, claim.run_id).exists()
    run = run_dir(tmp_path / "home", claim.run_id)
    assert torn(run) == []
    for path in run.rglob("model.safetensors"):
        path.write_bytes(b"")
    assert sorted(torn(run)) == ["step-000003", "step-000006", "step-000009"]

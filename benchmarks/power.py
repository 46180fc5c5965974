"""Loses the power while a run trains, again and again, and resumes from what is on the disk then.

    python -m benchmarks.power [--count 20] [--seed 1] [--no-flush]

The loss is simulated. While the worker trains, `Disk` records what it flushes: the bytes of a file
at its last fsync, the names in a folder at its last fsync, and the database at its last commit with
synchronous=FULL. The worker is killed at a random moment, or as it asks for a random flush. Then a
home is made of that record alone: a file that was never flushed is empty, a folder that was never
flushed too, and a name that was not flushed is not there. That is the worst that a disk may do. In
every second trial it keeps, for each file, folder and the database by chance, what was not flushed:
a disk may also write in any order. That SQLite's flushed commits stay is SQLite's promise, and not
tested here; nor is a drive that does not keep its own promises.

Each run must resume from a whole checkpoint at most one interval before the last step that was
shown, and end as an undisturbed run does. With --no-flush nothing is flushed, to see that the
simulation finds it. POSIX only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.trials import (
    INTERVAL,
    LOOK_EVERY,
    TRIAL,
    Parent,
    differences,
    finished,
    kept,
    kill,
    new_home,
    pause,
    remove_home,
    untidy,
)
from tinylm.events import RunStarted
from tinylm.home import run_dir
from tinylm.runs.service import Service
from tinylm.training.checkpoints import SUMS

DATABASE = "tinylm.db"
APART = (DATABASE, "queue", "logs")  # how names begin that are no files to be flushed
FLUSHES = 70  # about as many as a run asks for


class Disk:
    """What of a home is on the disk; a folder beside it keeps the record."""

    def __init__(self, home: Path, record: Path) -> None:
        self.home, self.record = home, record
        self._open: list[int] = []  # keeps the numbers of removed files from being given again

    def begin(self) -> None:
        """Take all that is there for flushed."""
        self.record.mkdir()
        for path in [self.home, *self.home.rglob("*")]:
            if path != self.home and path.relative_to(self.home).parts[0].startswith(APART):
                continue
            handle = os.open(path, os.O_RDONLY)
            self.flushed(handle)
            os.close(handle)
        self.committed()

    def flushed(self, handle: int) -> None:
        """Record a file or folder as it is now."""
        found = os.fstat(handle)
        self._open.append(os.dup(handle))
        if stat.S_ISDIR(found.st_mode):
            self._keep(f"{found.st_ino}.json", json.dumps(_names(handle)).encode())
        else:
            self._keep(f"{found.st_ino}.bytes", Path(f"/proc/self/fd/{handle}").read_bytes())

    def committed(self) -> None:
        """Record the database as it is now."""
        part = self.record / "part"
        source = sqlite3.connect(self.home / DATABASE)
        with closing(source), closing(sqlite3.connect(part)) as target:
            source.backup(target)
        os.rename(part, self.record / DATABASE)

    def _keep(self, name: str, data: bytes) -> None:
        part = self.record / "part"
        part.write_bytes(data)
        os.rename(part, self.record / name)

    def close(self) -> None:
        for handle in self._open:
            os.close(handle)


def _names(folder: int | Path) -> dict[str, tuple[int, bool]]:
    """The number of each file or folder in a folder, and whether it is a folder."""
    with os.scandir(folder) as entries:
        return {entry.name: (entry.inode(), entry.is_dir()) for entry in entries}


def lose_power(home: Path, record: Path, after: Path, keeps: Callable[[], bool]) -> None:
    """Make the home `after` of what was flushed; `keeps` says of each part whether it is as it was.

    `home` is the folder as its processes saw it until they were killed.
    """
    live = {path.stat().st_ino: path for path in [home, *home.rglob("*")]}

    def folder(number: int, target: Path) -> None:
        target.mkdir()
        kept = record / f"{number}.json"
        names = json.loads(kept.read_text()) if kept.exists() else {}
        if number in live and keeps():
            names = _names(live[number])
        for name, (inner, is_folder) in names.items():
            if target == after and name.startswith(APART):
                continue
            (folder if is_folder else file)(inner, target / name)

    def file(number: int, target: Path) -> None:
        kept = record / f"{number}.bytes"
        if number in live and keeps():
            kept = live[number]
        target.write_bytes(kept.read_bytes() if kept.exists() else b"")

    folder(home.stat().st_ino, after)
    (after / "logs").mkdir()
    for path in home.glob(f"{DATABASE}*") if keeps() else [record / DATABASE]:
        shutil.copy(path, after / path.name)


def torn(folder: Path) -> list[str]:
    """The checkpoints in a run's folder whose bytes are not those of their digests."""
    found = []
    for checkpoint in folder.glob("checkpoints/step-*"):
        try:
            lines = (checkpoint / SUMS).read_text().splitlines()
            sums = dict(reversed(line.split("  ")) for line in lines)
            whole = bool(sums) and all(
                hashlib.sha256((checkpoint / name).read_bytes()).hexdigest() == digest
                for name, digest in sums.items()
                if (checkpoint / name).exists() or not name.startswith("optimizer")
            )
        except OSError:
            whole = False
        if not whole:
            found.append(checkpoint.name)
    return found


# The worker, in a forked process ----------------------------------------------------------


def serve(home: Path, record: str = "", call: int = -1, flush: bool = True) -> None:
    """Be a worker; with `record`, on a Disk, and killed as it asks for its `call`-th flush."""
    from tinylm.runs.work.worker import run_worker

    if record:
        disk = Disk(home, Path(record))
        disk.begin()
        on_disk(disk, call, flush)
    run_worker(home, "long")


def on_disk(disk: Disk, call: int, flush: bool) -> None:
    """Have this process record its flushes on `disk`."""
    from tinylm.runs.store.database import Database

    left = [call]

    def count() -> None:
        left[0] -= 1
        if left[0] == -1:
            kill(os.getpid())

    def fsync(handle: int) -> None:
        count()
        if flush:
            disk.flushed(handle)

    os.fsync = fsync
    write = Database.write

    @contextmanager
    def writing(database: Database, *args: Any, durable: bool = False) -> Iterator[Any]:
        with write(database, *args, durable=durable) as connection:
            yield connection
        if durable:
            count()
            if flush:
                disk.committed()

    Database.write = writing  # type: ignore[method-assign]


# The trials --------------------------------------------------------------------------------


def trial(
    parent: Parent, draw: random.Random, number: int, seconds: float, flush: bool, expected: Any
) -> list[str]:
    """Train, lose the power, resume; prints a line, and returns what is wrong."""
    home = new_home()
    record, after = (home.with_name(f"{home.name}-{name}") for name in ("record", "after"))
    service = Service(home)
    run_id = service.start(TRIAL)
    call = draw.randrange(FLUSHES) if draw.random() < 0.5 else -1
    worker = parent.fork(home, record=str(record), call=call, flush=flush)
    while service.run(run_id).status == "queued":
        pause(LOOK_EVERY)
    if call < 0:
        pause(draw.uniform(0.0, seconds))
    else:
        deadline = time.monotonic() + 60
        while service.run(run_id).status == "running" and time.monotonic() < deadline:
            pause(LOOK_EVERY)
    kill(worker)
    shown = service.run(run_id).step
    service.close()
    chance = draw.random() if number % 2 else 0.0
    lose_power(home, record, after, lambda: draw.random() < chance)
    torn_ones = torn(run_dir(after, run_id))
    service = Service(after)
    worker = parent.fork(after)
    wrong = [f"{name} is torn" for name in torn_ones]
    if not finished(service, run_id):
        row = service.run(run_id)
        wrong.append(f"did not end: {row.status} {row.error}")
    kill(worker)
    starts = [e.step for e in service.store.events(run_id, [RunStarted])]
    if shown - starts[-1] > INTERVAL:
        wrong.append(f"{shown - starts[-1]} steps were lost")
    wrong += differences(kept(service, run_id), expected)
    wrong += untidy(service, run_id)
    service.close()
    moment = f"at flush {call}" if call >= 0 else "at a random moment"
    kept_more = f", {chance:.0%} of what was not flushed kept" if chance else ""
    print(
        f"{moment}{kept_more}: step {shown} was shown, resumed from step {starts[-1]}: "
        f"{', '.join(wrong) or 'as undisturbed'}",
        flush=True,
    )
    for folder in (home, after, record):
        remove_home(folder)
    return wrong


def main() -> int:
    """Print a line for each trial, then the count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-flush", action="store_true")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    parent = Parent("benchmarks.power")
    home = new_home()
    service = Service(home)
    worker = parent.fork(home)
    for _ in range(2):
        began = time.monotonic()
        undisturbed = service.start(TRIAL)
        assert finished(service, undisturbed)
        seconds = time.monotonic() - began
    kill(worker)
    expected = kept(service, undisturbed)
    service.close()
    remove_home(home)
    wrong = sum(
        bool(trial(parent, draw, number, seconds, not options.no_flush, expected))
        for number in range(options.count)
    )
    parent.close()
    print(f"{wrong} of {options.count} losses of power cost more than they may")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

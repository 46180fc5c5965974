"""Starts the worker processes of an app, keeps them running, and ends them with it."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylm.errors import BadRequest
from tinylm.home import logs_dir, make_home
from tinylm.places import PACKAGE
from tinylm.process import usable_cores

LONGEST_PAUSE = 30.0  # seconds; the longest wait before a worker that keeps dying is started again
STEADY_AFTER = 60.0  # seconds after which a worker's earlier deaths are forgiven
STAGGER = 1.0  # seconds between first starts: each loads torch, and the page must not wait
LOG_LIMIT = 2_000_000  # bytes; a log that is longer is emptied at the next start

log = logging.getLogger("tinylm.supervisor")

Command = Callable[[str], Sequence[str]]


def wanted() -> bool:
    """Whether the app starts workers itself, which TINYLM_WORKERS=external switches off."""
    return os.environ.get("TINYLM_WORKERS", "").strip().lower() != "external"


def long_slots() -> int:
    """How many runs may go on at once: TINYLM_LONG_SLOTS, else half of the cores, from 2 to 4.

    Each slot is a process that holds torch (about 250 MB), so more than four must be asked for.
    Raises BadRequest for a value that is not a number from 1 to 64.
    """
    chosen = os.environ.get("TINYLM_LONG_SLOTS", "").strip()
    if not chosen:
        return min(4, max(2, usable_cores() // 2))
    if not chosen.isdecimal() or not 1 <= int(chosen) <= 64:
        raise BadRequest(f"TINYLM_LONG_SLOTS must be between 1 and 64; got {chosen!r}.")
    return int(chosen)


@dataclass
class _Slot:
    name: str
    queue: str
    next_start: float
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0


class Supervisor:
    """Keeps the workers of one app running: one for short jobs, the others for runs."""

    def __init__(
        self,
        home: Path,
        *,
        slots: int | None = None,
        command: Command | None = None,
        poll: float = 0.5,
        delay: float = 0.0,
        stagger: float = STAGGER,
    ) -> None:
        self.home = home
        self._command = command or worker_command
        self._poll = poll
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._number = slots
        self._delay = delay  # seconds before the first worker for runs starts
        self._stagger = stagger
        self._slots: list[_Slot] = []

    def start(self) -> None:
        """Start the workers, if the app does so itself, and watch them from a thread.

        Raises BadRequest for a bad TINYLM_LONG_SLOTS, StorageError where the home cannot be made.
        """
        if not wanted() or self._thread is not None:
            return
        make_home(self.home)
        now = time.monotonic()
        number = self._number or long_slots()
        # The first page asks a question, so what answers it does not wait.
        self._slots = [_Slot("short", "short", now)] + [
            _Slot(f"long-{n + 1}", "long", now + self._delay + n * self._stagger)
            for n in range(number)
        ]
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self, grace: float = 10.0) -> None:
        """End the workers: ask, wait up to `grace` seconds for last checkpoints, then kill."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        processes = [slot.process for slot in self._slots if slot.process is not None]
        for process in processes:
            _ask_to_end(process)
        deadline = time.monotonic() + grace
        for process in processes:
            _end(process, max(0.0, deadline - time.monotonic()))

    def pids(self) -> list[int]:
        """The process ids of the workers that are running."""
        running = [s.process for s in self._slots if s.process and s.process.poll() is None]
        return [process.pid for process in running]

    def _watch(self) -> None:
        while not self._over.is_set():
            for slot in self._slots:
                self._look_after(slot)
            self._over.wait(self._poll)

    def _look_after(self, slot: _Slot) -> None:
        now = time.monotonic()
        if slot.process is not None and slot.process.poll() is not None:
            slot.deaths = 0 if now - slot.started > STEADY_AFTER else slot.deaths + 1
            pause = restart_pause(slot.deaths)
            log.warning(
                "worker %s ended with status %s; next start in %.1f s",
                *(slot.name, slot.process.returncode, pause),
            )
            _ask_to_end(slot.process)  # close the pipe, which nobody reads any more
            slot.process, slot.next_start = None, now + pause
        if slot.process is None and now >= slot.next_start:
            try:
                slot.process = self._spawn(slot)
                slot.started = now
            except OSError as error:
                log.error("worker %s cannot be started: %s", slot.name, error)
                slot.deaths += 1
                slot.next_start = now + restart_pause(slot.deaths)

    def _spawn(self, slot: _Slot) -> subprocess.Popen[bytes]:
        root = str(PACKAGE.parent)
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        environment = os.environ | {"TINYLM_HOME": str(self.home), "PYTHONPATH": path}
        log_path = logs_dir(self.home) / f"worker-{slot.name}.log"
        too_long = log_path.exists() and log_path.stat().st_size > LOG_LIMIT
        with log_path.open("wb" if too_long else "ab") as output:
            return subprocess.Popen(
                list(self._command(slot.queue)),
                stdin=subprocess.PIPE,  # it is closed to ask the worker to end
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=root,
                env=environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )


def worker_command(queue: str) -> list[str]:
    """The command line of a worker that belongs to this process."""
    options = ["--queue", queue, "--parent", str(os.getpid()), "--until-stdin-closes"]
    return [sys.executable, "-m", "tinylm.runs.work.worker", *options]


def restart_pause(deaths: int) -> float:
    """Seconds to wait before another start; they double with every death in a row."""
    return min(LONGEST_PAUSE, 0.5 * 2.0 ** min(deaths, 10))


def _ask_to_end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    for insist, seconds in (
        (None, grace),
        (process.terminate, 2.0),
        (process.kill, 5.0),
    ):
        if insist is not None:
            insist()
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue

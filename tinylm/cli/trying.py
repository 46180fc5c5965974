"""Trains for a few seconds, to see how fast this machine is, and whether torch works at all.

Both happen in processes of their own, so that what is broken there does not end this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from tinylm.errors import StorageError, TinylmError
from tinylm.events import Event, RunStarted, StepDone, read_event
from tinylm.places import PACKAGE
from tinylm.presets import preset_config

PROBE = [sys.executable, "-m", "tinylm.training.probe"]
DOCUMENTS = 3_000  # of the made world: enough for the whole vocabulary, and read in a moment
PATIENCE = 180.0  # seconds for all that comes before the first update
COMPILING = 600.0  # and where the loops are compiled first, which takes 30 where nothing else runs
ELSEWHERE = ("TINYLM_DATABASE", "TINYLM_DATABASE_PASSWORD_FILE", "TINYLM_STORAGE")


class Broken(TinylmError):
    """What was tried does not work here."""


class Machine(msgspec.Struct, frozen=True):
    """What torch found: its version, the devices, and whether the loops are compiled already."""

    torch: str
    devices: list[str]
    compiled: bool


@dataclass(frozen=True)
class Trial:
    """How fast the model of a preset was trained, and on what."""

    tokens_per_sec: float
    whole_run: float  # seconds that the updates of the whole preset would take
    started: RunStarted


def probe() -> Machine:
    """What torch finds on this machine. Raises Broken."""
    done = subprocess.run(PROBE, capture_output=True, text=True, env=_environment())
    try:
        return msgspec.json.decode(done.stdout, type=Machine)
    except msgspec.MsgspecError:
        raise Broken(_last_line(done.stderr)) from None


def train_for(seconds: float, preset: str, machine: Machine) -> Trial:
    """Train the model of a preset in a temporary folder, and time its updates.

    Loops that are not compiled yet are compiled into that folder. Raises Broken.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="tinylm-doctor-") as folder:
            return _train_in(Path(folder), seconds, preset, machine.compiled)
    except OSError as error:
        raise StorageError(
            f"Nothing can be tried in {tempfile.gettempdir()} ({error.strerror or error}): free "
            "some space there, or name another folder in TMPDIR."
        ) from error


def _train_in(folder: Path, seconds: float, preset: str, compiled: bool) -> Trial:
    config = preset_config(preset)
    documents = min(DOCUMENTS, config.documents)
    command = [sys.executable, "-m", "tinylm", "train", "--json", "--preset", preset]
    more = {"TINYLM_HOME": str(folder)} | ({} if compiled else {"NUMBA_CACHE_DIR": str(folder)})
    with (folder / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*command, "--set", f"documents={documents}"],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            cwd=folder,
            env=_environment() | more,
        )
        patience = PATIENCE if compiled else COMPILING
        latest = time.monotonic() + patience + seconds
        watchdog = threading.Timer(patience + seconds, _end, (process,))
        watchdog.start()
        started: RunStarted | None = None
        times: list[tuple[float, int]] = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                event = _event(line)
                if isinstance(event, RunStarted):
                    started = event
                elif isinstance(event, StepDone):
                    times.append((time.monotonic(), event.tokens_seen))
                    if len(times) > 1 and times[-1][0] - times[0][0] >= seconds:
                        break
        finally:
            watchdog.cancel()
            _end(process)
            if process.stdout is not None:
                process.stdout.close()
        if started is None or len(times) < 2:
            if time.monotonic() >= latest:
                raise Broken(f"no update was made within {patience:.0f} s")
            said.seek(0)
            raise Broken(_last_line(said.read()))
    (first, none), (last, all_of_it) = times[0], times[-1]
    speed = (all_of_it - none) / max(1e-6, last - first)
    return Trial(speed, config.train.steps * config.tokens_per_step / max(1e-6, speed), started)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process, and what compiles for it."""
    with suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
    process.kill()
    process.wait()


def _event(line: str) -> Event | None:
    try:
        return read_event(line)
    except TinylmError:
        return None


def _environment() -> dict[str, str]:
    """That of this process, without a store or a place that others use."""
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]))
    return kept | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def _last_line(said: str) -> str:
    lines = said.strip().splitlines() or ["it ended without a word"]
    return lines[-1].removeprefix("tinylm: ")[:200]

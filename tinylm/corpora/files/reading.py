"""Reading files that a person brings: the one entry for pages and the terminal.

Each file is read in a process of its own, which has limits on processor, time and memory. A file
that breaks them, or its reader, is told in a sentence; the others of the same batch still count.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO

import msgspec
import psutil

from tinylm.corpora.files.child import COMMAND, Task, broke_off, too_large, too_slow
from tinylm.corpora.files.report import Brought, Report
from tinylm.errors import Cancelled, StorageError
from tinylm.places import PACKAGE

log = logging.getLogger("tinylm.files")


@dataclass(frozen=True)
class Limits:
    """What the reading of a batch may take."""

    seconds: float = 20.0  # of processor, for all files of a batch together
    clock: float = 300.0  # by the clock, for one file: on a busy machine little of it is its own
    memory: int = 1_000_000_000  # bytes, of the process that reads a file


LIMITS = Limits()
_LOOK = 0.05  # seconds between two looks at a process
# How a process ends that the system stopped for its time on the processor.
_OUT_OF_TIME = -signal.SIGXCPU if hasattr(signal, "SIGXCPU") else None

OnProgress = Callable[[int, float], None]  # is told the number of the file and the share done


def read_files(
    files: Mapping[int, Brought],
    folder: Path,
    on_progress: OnProgress = lambda number, share: None,
    cancelled: Callable[[], bool] = lambda: False,
    limits: Limits = LIMITS,
) -> dict[int, Report]:
    """Read files, known by numbers, and put their texts into `folder`, for `text_of`.

    Small files are read first, and what they leave of the time is for the larger ones. Raises
    Cancelled, and StorageError where the folder cannot be used.
    """
    reports: dict[int, Report] = {}
    left = limits.seconds
    for number in sorted(files, key=lambda number: _size(files[number])):
        own = replace(limits, seconds=left / (len(files) - len(reports)))
        on_share = partial(on_progress, number)
        reports[number] = _read_one(files[number], folder / str(number), on_share, cancelled, own)
        left = max(0.0, left - reports[number].seconds)
        on_share(1.0)
    return reports


def text_of(folder: Path, reports: Mapping[int, Report]) -> bytes:
    """The texts of all files that could be read, with a blank line between them.

    Raises StorageError where they are not there any more.
    """
    try:
        parts = [
            (folder / f"{number}.txt").read_bytes().strip(b"\n")
            for number, report in sorted(reports.items())
            if not report.problem
        ]
    except OSError as error:
        raise StorageError(
            f"The texts that were read are gone ({error.strerror or error}): read them again."
        ) from error
    return b"\n\n".join(parts)


def _size(brought: Brought) -> int:
    try:
        return os.path.getsize(brought.path)
    except OSError:
        return 0


# One process -----------------------------------------------------------------------------------


def _read_one(
    brought: Brought,
    place: Path,
    on_share: Callable[[float], None],
    cancelled: Callable[[], bool],
    limits: Limits,
) -> Report:
    endings = (".txt", ".progress", ".json", ".log")
    text, told, answer, log_file = (place.with_suffix(ending) for ending in endings)
    task = Task(brought, str(text), str(told), limits.seconds, limits.memory)
    try:
        with answer.open("wb") as output, log_file.open("wb") as errors:
            process = _start(task, output, errors)
            with process:
                seconds, peak, problem = _watch(process, brought, told, on_share, cancelled, limits)
        report = msgspec.json.decode(answer.read_bytes(), type=Report)
    except msgspec.DecodeError:  # it ended before it could answer
        report = Report(brought.name, problem=problem or broke_off(brought.name), seconds=seconds)
    except OSError as error:
        raise StorageError(
            f"Files cannot be read here ({error.strerror or error}): free some space on the disk "
            "and try again."
        ) from error
    said = log_file.read_text("utf-8", "replace").strip()
    if said:  # what it said may quote the file; where it failed does not
        places = [line.strip() for line in said.splitlines() if line.startswith('  File "')]
        log.warning("reading a file went wrong; %s", " ".join(places) or "it does not say where")
    return msgspec.structs.replace(report, megabytes=peak / 1e6)


def _start(task: Task, output: IO[bytes], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    root = str(PACKAGE.parent)
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        env=os.environ | {"PYTHONPATH": path},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it is gone already, and gives no answer
        process.stdin.write(msgspec.json.encode(task))
        process.stdin.close()
    return process


def _watch(
    process: subprocess.Popen[bytes],
    brought: Brought,
    told: Path,
    on_share: Callable[[float], None],
    cancelled: Callable[[], bool],
    limits: Limits,
) -> tuple[float, int, str]:
    """Wait for a process, and end it where it takes too much.

    Returns the seconds of processor it took, the most bytes it had, and a sentence where it was
    ended. Raises Cancelled.
    """
    began = time.monotonic()
    seconds, peak = 0.0, 0
    while process.poll() is None:
        if cancelled():
            process.kill()
            raise Cancelled("The reading was cancelled: nothing of it is kept.")
        seconds, memory = _used(process.pid, seconds)
        peak = max(peak, memory)
        on_share(_share(told))
        waited = time.monotonic() - began
        if memory > limits.memory:
            process.kill()
            return seconds, peak, too_large(brought.name)
        if seconds > limits.seconds or waited > limits.clock:
            process.kill()
            return seconds, peak, too_slow(brought.name)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK)
    if process.returncode == _OUT_OF_TIME:
        return limits.seconds, peak, too_slow(brought.name)
    return seconds, peak, ""


def _used(pid: int, seconds: float) -> tuple[float, int]:
    """Seconds of processor and bytes of memory of a process; as before where it is gone."""
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return times.user + times.system, process.memory_info().rss
    except psutil.Error:
        return seconds, 0


def _share(told: Path) -> float:
    try:
        return float(told.read_text("ascii"))
    except (OSError, ValueError):  # nothing yet, or just being written
        return 0.0

"""How long a class waits: runs of many learners, queued at once, with one worker and with two.

    python -m benchmarks.queues [--learners 10] [--workers 1 2] [--preset glance] [--steps 130]

Each learner starts one run of the preset, with a seed of their own. Measured is when each run
began and ended. The table at the end says in minutes when the last of a class is done on machines
with more cores, a run each: what was measured, multiplied, which nobody has tried.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tinylm.config import RunConfig
from tinylm.learners import Viewer
from tinylm.presets import PRESETS, preset_config
from tinylm.process import usable_cores
from tinylm.runs.forecast import class_minutes
from tinylm.runs.service import Service
from tinylm.runs.store.line import MANY
from tinylm.runs.store.rows import RunRow

LEARNERS = (10, 20, 30)  # of the table
CORES = (2, 4, 8, 16, 32)
LOOK_EVERY = 0.2  # seconds between two looks at whether all are done


@dataclass(frozen=True)
class Measured:
    """So many runs with so many workers."""

    workers: int
    learners: int
    seconds: float  # until the last one was done
    each: float  # seconds of a run, as a median
    waited: Sequence[float]  # seconds until each began, in ascending order
    processor: float  # seconds of the processor that the workers used


@contextmanager
def working(home: Path, number: int) -> Iterator[list[psutil.Process]]:
    """So many workers for runs, which have loaded torch."""
    command = [sys.executable, "-m", "tinylm.runs.work.worker", "--queue", "long"]
    started = [
        subprocess.Popen([*command, "--home", str(home)], stderr=subprocess.DEVNULL)
        for _ in range(number)
    ]
    try:
        yield [psutil.Process(one.pid) for one in started]
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(30)


def measure(config: RunConfig, learners: int, workers: int) -> Measured:
    """Queue a run of each learner at once, and wait until all are done."""
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        service = Service(Path(folder))
        service.store.set_note(MANY, True)
        with working(service.home, workers) as processes:
            warm_up(service, workers)
            before = processor(processes)
            began = time.time()
            for number in range(learners):
                learner = service.seen_by(Viewer(f"learner-{number}", alone=False))
                learner.start(config_of(config, number))
            rows = ended(service, learners)
            seconds = max(row.ended or 0.0 for row in rows) - began
            used = processor(processes) - before
        service.close()
    waited = sorted((row.started or 0.0) - began for row in rows)
    each = statistics.median(row.seconds for row in rows)
    return Measured(workers, learners, seconds, each, waited, used)


def config_of(config: RunConfig, number: int) -> RunConfig:
    """The run of one learner."""
    return preset_config(config.preset, steps=config.train.steps, seed=1 + number)


def warm_up(service: Service, workers: int) -> None:
    """Let each worker train something that is not measured: its first run loads and compiles."""
    for number in range(workers):
        warm = service.seen_by(Viewer(f"warm-up-{number}", alone=False))
        warm.start(preset_config("tiny"))
    for row in ended(service, workers):
        service.delete(row.id)


def ended(service: Service, number: int) -> list[RunRow]:
    """All runs, once so many are done."""
    while True:
        rows = service.store.runs(limit=1000)
        for row in rows:
            if row.status in ("failed", "interrupted", "stopped"):
                raise SystemExit(f"A run is {row.status}: {row.error}")
        if sum(row.status == "done" for row in rows) == number:
            return rows
        threading.Event().wait(LOOK_EVERY)


def processor(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def told(found: Measured) -> str:
    """One measurement in a line."""
    return (
        f"{found.workers} workers, {found.learners} learners: the last is done after "
        f"{found.seconds / 60:.2f} min; a run takes {found.each:.1f} s; began after "
        f"{statistics.median(found.waited):.0f} s (median), {found.waited[-1]:.0f} s (last); "
        f"{found.processor / found.learners:.1f} s of the processor a run"
    )


def table(each: float) -> list[str]:
    """Minutes until the last learner is done, where each core trains one run in `each` seconds."""
    lines = [
        "| learners | " + " | ".join(f"{cores} cores" for cores in CORES) + " |",
        "|---" * (1 + len(CORES)) + "|",
    ]
    for learners in LEARNERS:
        minutes = [f"{class_minutes(learners, each, cores):.1f}" for cores in CORES]
        lines.append(f"| {learners} | " + " | ".join(minutes) + " |")
    return lines


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queues", description=__doc__)
    parser.add_argument("--learners", type=int, default=10)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--preset", choices=PRESETS, default="glance")
    parser.add_argument("--steps", type=int, default=0, help="0: those of the preset")
    options = parser.parse_args(argv)
    config = preset_config(options.preset)
    if options.steps:
        config = preset_config(options.preset, steps=options.steps)
    cores = usable_cores()
    print(f"Load of the machine: {psutil.getloadavg()[0]:.1f} on {cores} cores", flush=True)
    for workers in options.workers:
        found = measure(config, options.learners, workers)
        print(told(found), flush=True)
    if found.workers == cores:
        print(f"\nMinutes, where each core trains one run in {found.each:.1f} s (extrapolated):\n")
        print("\n".join(table(found.each)))


if __name__ == "__main__":
    main()

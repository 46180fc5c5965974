"""The server's memory and open files over a long time under a class of viewers.

    python -m benchmarks.pages.memory [--minutes 60] [--viewers 30] [--warm-up 10]
        [--csv FILE] [--json]

Trains one long run, opens the viewers of `benchmarks.pages.viewers` and keeps them there, and
now and then one of them clicks. Every ten seconds it writes down what the server process holds.
The slope is that of a straight line through what was measured after the warm-up. Needs
requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import psutil

from benchmarks.pages.session import Missing
from benchmarks.pages.viewer import Viewer, viewer
from benchmarks.pages.viewers import click_around, megabytes, served, server_process
from tinylm.presets import preset_config
from tinylm.runs.service import Service

SAMPLE_EVERY = 10.0  # seconds
LONG = {"steps": 100_000, "eval_interval": 500, "checkpoint_interval": 1000}


@dataclass
class Sample:
    """What the server process held at one moment."""

    seconds: float
    rss_mb: float
    open_files: int
    threads: int


@dataclass
class Figures:
    """What was measured, the slope after the warm-up."""

    viewers: int
    minutes: float
    warm_up_minutes: float
    rss_mb_first: float
    rss_mb_warm: float
    rss_mb_last: float
    mb_per_minute: float
    open_files_first: int
    open_files_last: int
    threads_last: int
    clicks: int
    clicks_missed: int
    click_seconds_median: float
    trained_throughout: bool


def take(server: psutil.Process, seconds: float) -> Sample:
    return Sample(seconds, megabytes(server), server.num_fds(), server.num_threads())


async def watch(server: psutil.Process, path: Path | None, found: list[Sample]) -> None:
    """Take samples until cancelled, and write each down at once."""
    started = time.perf_counter()
    while True:
        found.append(take(server, time.perf_counter() - started))
        if path is not None:
            new = not path.exists()
            with path.open("a", newline="", encoding="utf-8") as file:
                rows = csv.writer(file)
                if new:
                    rows.writerow(field.name for field in fields(Sample))
                rows.writerow(astuple(found[-1]))
        await asyncio.sleep(SAMPLE_EVERY)


async def click_on(viewers: Sequence[Viewer], seconds: float) -> tuple[list[float], int]:
    """Clicks by one viewer after the other: the seconds of each, and how many were never seen."""
    stop = time.perf_counter() + seconds
    found: list[float] = []
    missed = 0
    while (left := stop - time.perf_counter()) > 0:
        try:
            found += await click_around(viewers, left)
        except Missing:
            missed += 1
    return found, missed


async def begin(service: Service) -> str:
    """Start a run that outlasts the measurement, and wait until it trains. Raises Missing."""
    run_id = service.start(preset_config("full", **LONG))
    stop = time.monotonic() + 300
    while service.run(run_id).step < 5:
        if time.monotonic() > stop:
            raise Missing("The run did not begin.")
        await asyncio.sleep(0.5)
    return run_id


def slope(samples: Sequence[Sample]) -> float:
    """Megabytes a minute of a straight line through the samples; 0 for fewer than two."""
    if len(samples) < 2:
        return 0.0
    minutes = [one.seconds / 60 for one in samples]
    return statistics.linear_regression(minutes, [one.rss_mb for one in samples]).slope


async def measure(address: str, service: Service, options: argparse.Namespace) -> Figures:
    """Open the viewers, then look for the minutes asked for."""
    server = server_process()
    run_id = await begin(service)
    async with AsyncExitStack() as opening:
        viewers = [
            await opening.enter_async_context(viewer(address, run_id))
            for _ in range(options.viewers)
        ]
        samples: list[Sample] = []
        watching = asyncio.create_task(watch(server, options.csv, samples))
        clicks, missed = await click_on(viewers, options.minutes * 60)
        watching.cancel()
        warm = [one for one in samples if one.seconds >= options.warm_up * 60]
        return Figures(
            viewers=len(viewers),
            minutes=options.minutes,
            warm_up_minutes=options.warm_up,
            rss_mb_first=samples[0].rss_mb,
            rss_mb_warm=(warm or samples)[0].rss_mb,
            rss_mb_last=samples[-1].rss_mb,
            mb_per_minute=slope(warm),
            open_files_first=samples[0].open_files,
            open_files_last=samples[-1].open_files,
            threads_last=samples[-1].threads,
            clicks=len(clicks),
            clicks_missed=missed,
            click_seconds_median=statistics.median(clicks or [0.0]),
            trained_throughout=service.run(run_id).status == "running",
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--warm-up", type=float, default=10.0, help="minutes left out of the slope")
    parser.add_argument("--csv", type=Path, help="add every sample to this file")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    found = served(lambda address, service: measure(address, service, options))
    if options.json:
        print(json.dumps(asdict(found)))
    else:
        for name, value in asdict(found).items():
            print(f"{name.replace('_', ' '):<24} {value:>12,.6g}")


if __name__ == "__main__":
    main()

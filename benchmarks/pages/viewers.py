"""The server under a class of viewers: processor, memory, bytes and clicks while runs train.

    python -m benchmarks.pages.viewers [--viewers 30] [--seconds 20] [--runs 2]
        [--preset quick] [--json]

Starts the app, trains, and opens websocket clients that speak Streamlit's protocol as its page
in a browser does: each asks for the Pre-train page of a run, runs its live fragment again at
the interval that the server names, keeps large messages so that the server may refer to them,
and now and then one of them clicks on another measure of the curve. Only the server process is
counted: neither the workers that train nor these clients. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from benchmarks.pages.session import Missing
from benchmarks.pages.viewer import CHOICES, Viewer, viewer
from tests.browser import running_app
from tinylm.presets import PRESETS, preset_config
from tinylm.runs.service import Service

SETTLE = 3.0  # seconds between the last viewer's arrival and the measurement
CLICK_EVERY = 0.5  # seconds between two clicks, which come from different viewers


@dataclass
class Figures:
    """What was measured. Bytes are the sizes of the messages, since frames are not compressed."""

    viewers: int
    runs: int
    seconds: float
    runs_trained_throughout: bool
    steps_per_second: float  # of all runs together
    server_cpu_share: float  # of one core, 1.0 = all of it
    updates_per_second: float  # received by a viewer, mean
    updates_per_second_least: float  # received by the viewer who got fewest
    update_bytes_median: float
    update_bytes_p95: float
    bytes_per_second: float  # to a viewer, mean; clicks and texts too
    page_seconds_median: float  # from opening the connection to the end of the first run
    page_seconds_largest: float
    click_seconds_median: float
    click_seconds_p95: float
    clicks: int
    rss_mb_before: float  # with one viewer
    rss_mb_opened: float  # with all viewers
    rss_mb_end: float
    mb_per_session: float  # at the end


def quantile(values: Sequence[float], share: float) -> float:
    """About the smallest value that a `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def server_process() -> psutil.Process:
    """The streamlit server that `running_app` started from this process."""
    for child in psutil.Process().children():
        if "streamlit" in child.cmdline():
            return child
    raise Missing("There is no server.")


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def begin(service: Service, preset: str, number: int) -> list[str]:
    """Start runs and wait until all of them train. Raises Missing."""
    ids = [service.start(preset_config(preset, seed=seed)) for seed in range(number)]
    stop = time.monotonic() + 180
    while any(service.run(run_id).step < 5 for run_id in ids):
        if time.monotonic() > stop:
            raise Missing("The runs did not begin: is TINYLM_LONG_SLOTS smaller than --runs?")
        await asyncio.sleep(0.5)
    return ids


async def click_around(viewers: Sequence[Viewer], seconds: float) -> list[float]:
    """Let one viewer after the other click for `seconds`. Returns the seconds each click took."""
    began = time.perf_counter()
    found: list[float] = []
    choices = list(CHOICES)
    while time.perf_counter() - began < seconds:
        turn, place = divmod(len(found), len(viewers))
        found.append(await viewers[place].click(choices[turn % len(choices)]))
        await asyncio.sleep(max(0.0, len(found) * CLICK_EVERY - (time.perf_counter() - began)))
    return found


async def measure(address: str, service: Service, options: argparse.Namespace) -> Figures:
    """Open the viewers one after another, let them settle, then measure for `options.seconds`."""
    server = server_process()
    ids = await begin(service, options.preset, options.runs)
    async with AsyncExitStack() as opening:
        opened: list[float] = []
        viewers: list[Viewer] = []
        memory = 0.0
        for place in range(options.viewers):
            started = time.perf_counter()
            coming = viewer(address, ids[place % len(ids)])
            viewers.append(await opening.enter_async_context(coming))
            opened.append(time.perf_counter() - started)
            if not place:  # what the first viewer loads does not belong to its session
                await asyncio.sleep(SETTLE)
                memory = megabytes(server)
        await asyncio.sleep(SETTLE)
        opened_memory = megabytes(server)
        seen = [len(one.updates) for one in viewers]
        received = sum(one.received for one in viewers)
        steps = sum(service.run(run_id).step for run_id in ids)
        used, started = processor_seconds(server), time.perf_counter()
        clicks = await click_around(viewers, options.seconds)
        seconds = time.perf_counter() - started
        sizes = [one.updates[first:] for one, first in zip(viewers, seen, strict=True)]
        sent = [float(size) for mine in sizes for size in mine] or [0.0]
        end_memory = megabytes(server)
        return Figures(
            viewers=len(viewers),
            runs=len(ids),
            seconds=seconds,
            runs_trained_throughout=all(service.run(i).status == "running" for i in ids),
            steps_per_second=(sum(service.run(i).step for i in ids) - steps) / seconds,
            server_cpu_share=(processor_seconds(server) - used) / seconds,
            updates_per_second=statistics.mean(len(mine) for mine in sizes) / seconds,
            updates_per_second_least=min(len(mine) for mine in sizes) / seconds,
            update_bytes_median=statistics.median(sent),
            update_bytes_p95=quantile(sent, 0.95),
            bytes_per_second=(sum(v.received for v in viewers) - received) / seconds / len(viewers),
            page_seconds_median=statistics.median(opened),
            page_seconds_largest=max(opened),
            click_seconds_median=statistics.median(clicks),
            click_seconds_p95=quantile(clicks, 0.95),
            clicks=len(clicks),
            rss_mb_before=memory,
            rss_mb_opened=opened_memory,
            rss_mb_end=end_memory,
            mb_per_session=(end_memory - memory) / max(1, len(viewers) - 1),
        )


def print_table(found: Figures) -> None:
    for name, value in asdict(found).items():
        print(f"{name.replace('_', ' '):<28} {value:>12,.6g}")
    if not found.runs_trained_throughout:
        print("A run ended meanwhile: take a longer --preset or fewer --seconds.")


Figure = TypeVar("Figure")


def served(measure: Callable[[str, Service], Coroutine[None, None, Figure]]) -> Figure:
    """What `measure` finds on an app started for it, of which it is told address and service."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with running_app(home) as address:
            service = Service(home)
            try:
                return asyncio.run(measure(address, service))
            finally:
                service.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--preset", choices=list(PRESETS), default="quick")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    found = served(lambda address, service: measure(address, service, options))
    if options.json:
        print(json.dumps(asdict(found)))
    else:
        print_table(found)


if __name__ == "__main__":
    main()

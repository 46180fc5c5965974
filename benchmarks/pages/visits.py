"""What the server keeps of sessions that have come and gone: memory and open files.

    python -m benchmarks.pages.visits [--visits 120] [--at-once 10] [--wait 180] [--json]

Trains one short run, has viewers come to its page and go again, so many at once, and looks at the
server process before them, right after the last one, and once Streamlit no longer waits for any of
them to come back. The first visits are not counted, because they load what all later ones share.
Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass

from benchmarks.pages.memory import Sample, take
from benchmarks.pages.viewer import viewer
from benchmarks.pages.viewers import SETTLE, served, server_process
from tinylm.presets import preset_config
from tinylm.runs.service import Service


@dataclass
class Figures:
    """What was measured."""

    visits: int
    before: Sample
    right_after: Sample
    at_the_end: Sample


async def come_and_go(address: str, run_id: str, number: int, at_once: int) -> None:
    for first in range(0, number, at_once):
        async with AsyncExitStack() as opening:
            for _ in range(min(at_once, number - first)):
                await opening.enter_async_context(viewer(address, run_id))


async def measure(address: str, service: Service, options: argparse.Namespace) -> Figures:
    server = server_process()
    run_id = service.start(preset_config("tiny"))
    await come_and_go(address, run_id, options.at_once, options.at_once)
    while service.run(run_id).active:
        await asyncio.sleep(0.5)
    await asyncio.sleep(options.wait)
    before = take(server, 0.0)
    await come_and_go(address, run_id, options.visits, options.at_once)
    await asyncio.sleep(SETTLE)
    right_after = take(server, SETTLE)
    await asyncio.sleep(options.wait)
    return Figures(options.visits, before, right_after, take(server, options.wait))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=120)
    parser.add_argument("--at-once", type=int, default=10)
    parser.add_argument("--wait", type=float, default=180.0, help="seconds until nobody is awaited")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    found = asdict(served(lambda address, service: measure(address, service, options)))
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name.replace('_', ' '):<14} {value}")


if __name__ == "__main__":
    main()

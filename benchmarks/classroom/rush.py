"""A whole class opens the same page in the same second, as when a teacher says so.

    python -m benchmarks.classroom.rush [--learners 30] [--pages inside,prompts,finetune]

Each learner first trains a model of a few seconds; then all open the first of the pages with it at
once, and after a rest the next one. Reported are the seconds until each has the page, and until it
has all answers that the page asks workers for (looked at every 0.2 s); and how long the processor
worked for the server and for its workers. At the end a teacher signs in and opens the board and the
bets, in turns.
Run it on a machine that does nothing else. Needs requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from benchmarks.classroom.machine import workers_of
from benchmarks.classroom.story import LONGEST, TRAINED, Learner, enter, go
from benchmarks.pages.session import Missing, Session, session
from benchmarks.pages.viewers import processor_seconds, quantile, server_process
from tests.browser import running_app
from tinylm.learners import new_code
from tinylm.runs.service import Service
from tinylm.runs.teachers import VARIABLE

WAITING = "⏳"  # stands on a page while an answer is missing
SLOTS = 2  # runs that train at once
REST = 5.0  # seconds between two rushes
TEACHER = "a code for this measurement"
VIEWS = ("Board", "Bets")  # of the teacher's page
LOOKS = 5  # at each of them


async def train(one: Learner) -> None:
    """Train the smallest preset, and wait for its end."""
    await one.tab.open("pretrain")
    await one.tab.choose("How much time", "A few seconds")
    await one.tab.press("Start training")
    one.note_run()
    await one.tab.until(lambda text: TRAINED in text, LONGEST, "the end of the training")


async def open_page(one: Learner, page: str) -> tuple[float, float] | None:
    """Open a page with the learner's run.

    Returns the seconds until it is there, and until no answer is missing on it; None where it did
    not come.
    """
    began = time.perf_counter()
    try:
        await one.tab.open(page, run=one.run)
        there = time.perf_counter() - began
        await one.tab.until(lambda text: WAITING not in text, LONGEST, "all answers")
    except Missing as missing:
        one.problems.append(f"{page}: {missing}")
        return None
    return there, time.perf_counter() - began


def told(seconds: Sequence[float]) -> str:
    return f"half {median(seconds):.2f}, 95 % {quantile(seconds, 0.95):.2f}, all {max(seconds):.2f}"


async def look(teacher: Session) -> dict[str, list[float]]:
    """The seconds of a teacher's looks at the class, by what she looks at. Raises Missing."""
    await teacher.open("teacher")
    await teacher.type("The teacher's code", TEACHER)
    await teacher.press("Sign in")
    took: dict[str, list[float]] = {one: [] for one in VIEWS}
    for _ in range(LOOKS):
        for view, seconds in took.items():
            began = time.perf_counter()
            await teacher.choose("What to show", view)
            seconds.append(time.perf_counter() - began)
    return took


async def measure(address: str, service: Service, learners: int, pages: Sequence[str]) -> None:
    """Let the class train, then open one page after another, and print what it took."""
    server = server_process()

    def worked() -> tuple[float, float]:
        return processor_seconds(server), sum(map(processor_seconds, workers_of(server)))

    while len(service.workers()) < 1 + SLOTS:
        await asyncio.sleep(0.5)
    async with AsyncExitStack() as opened:
        everybody = await enter(opened, address, learners, pace=0.0)
        await asyncio.gather(*(go(one, train) for one in everybody))
        ready = [one for one in everybody if one.run]
        for page in pages:
            await asyncio.sleep(REST)
            before = worked()
            found = await asyncio.gather(*(open_page(one, page) for one in ready))
            after = worked()
            took = [one for one in found if one is not None] or [(math.nan, math.nan)]
            print(
                f"{page:<10} {len(took)} learners, seconds until the page is there: "
                f"{told([one[0] for one in took])}; until all answers are: "
                f"{told([one[1] for one in took])}; processor: server "
                f"{after[0] - before[0]:.1f} s, workers {after[1] - before[1]:.1f} s",
                flush=True,
            )
        await asyncio.sleep(REST)
        teacher = await opened.enter_async_context(session(address, new_code()))
        try:
            for view, seconds in (await look(teacher)).items():
                half, most = median(seconds), max(seconds)
                print(f"{view:<10} {LOOKS} looks, seconds: half {half:.2f}, longest {most:.2f}")
        except Missing as missing:
            print(f"teacher: {missing}")
        for said in teacher.errors:
            print(f"teacher: {said}")
        for one in everybody:
            for said in (*one.problems, *one.tab.errors):
                print(f"learner {one.number}: {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--pages", default="inside,prompts,finetune", help="with commas between")
    options = parser.parse_args()
    os.environ |= {"TINYLM_LEARNERS": "many", VARIABLE: TEACHER}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with running_app(home, SLOTS) as address:
            service = Service(home)
            try:
                asyncio.run(measure(address, service, options.learners, options.pages.split(",")))
            finally:
                service.close()


if __name__ == "__main__":
    main()

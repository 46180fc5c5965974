"""A whole class on one server: thirty learners go through the main story, each in a session.

    python -m benchmarks.classroom [--learners 30] [--browsers 2] [--plan 20|45|180] [--pace 1.0]
        [--together] [--json]

Starts the app for a class, and lets everybody walk a plan of docs/teaching.md, such as: look at
the start, begin a training of 20 seconds, bet on words and read the corpus meanwhile, look at
what was learned, put questions to it, fine-tune it, and explain. These learners are websocket
clients that speak Streamlit's protocol. `--browsers` more use a real browser: they train, bet and
explain, then look around until the class is over. Between two acts a learner thinks,
`--pace` times as long as in the plan. With `--together` a step begins for all once the last learner
has ended the step before, as where a teacher leads; the table of minutes per step comes from it.

Reported are the seconds from a click to the end of its answer, errors, how long runs waited, what
was lost of what learners did, whose things anybody saw, and memory and processor of server and
workers. Run it on a machine that does nothing else. Needs requirements-dev.txt and Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.classroom.browser import InBrowser, open_browsers
from benchmarks.classroom.machine import Machine
from benchmarks.classroom.story import (
    PLANS,
    PREDICTIONS,
    STARTS,
    Learned,
    Learner,
    enter,
    free,
    name_of_step,
    together,
)
from benchmarks.pages.viewers import quantile, server_process
from tests.browser import running_app
from tinylm.learners import name_of, new_code
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id


@dataclass
class Figures:
    """What was measured. Seconds are on the wall."""

    learners: int
    browsers: int
    pace: float
    minutes: float
    clicks: int
    click_p50: float
    click_p95: float
    click_p99: float
    click_largest: float
    slowest: list[str]  # the ten slowest answers
    acts: list[str]  # each kind of click: n, the median, 95 %
    browser_clicks: int
    browser_click_p50: float
    browser_click_p95: float
    errors: list[str]
    lost: list[str]
    seen_of_others: list[str]
    runs: int
    run_wait_p50: float  # from asked for to begun
    run_wait_largest: float
    run_seconds_p50: float  # of work, of trainings
    server_mb_before: float
    server_mb_most: float
    workers_mb_most: float
    server_cpu_share: float  # of one core
    workers_cpu_share: float
    step_minutes: dict[str, float]  # until the last learner has ended it; only with --together
    step_seconds_p50: dict[str, float]  # a learner's, thinking included
    step_seconds_p95: dict[str, float]
    step_machine_p50: dict[str, float]  # seconds without thinking
    step_machine_largest: dict[str, float]


def by_act(clicks: Sequence[tuple[str, float]]) -> list[str]:
    """How long each kind of click took, in lines with n, the median and 95 %, the slowest first."""
    taken: dict[str, list[float]] = {}
    for what, seconds in clicks:
        taken.setdefault(what, []).append(seconds)
    slow = sorted(taken.items(), key=lambda one: -quantile(one[1], 0.95))
    return [
        f"{what}: n {len(seconds)}, {statistics.median(seconds):.2f}, {quantile(seconds, 0.95):.2f}"
        for what, seconds in slow
    ]


def what_was_lost(learners: Sequence[Learner], service: Service) -> list[str]:
    """What learners did and the store does not have."""
    lost = []
    for one in learners:
        kept = service.answers(name_of(one.code))
        texts = json.dumps(kept, ensure_ascii=False)
        did = [what for what, _ in one.tab.clicks]
        if "press Check my answer" in did and one.explanation not in texts:
            lost.append(f"learner {one.number}: the explanation")
        bets = kept.get("bets")
        if not isinstance(bets, list) or len(bets) != 3:
            lost.append(f"learner {one.number}: of 3 bets {bets!r:.60}")
        guesses = sum(name.startswith("predicted: ") for name in kept)
        given = sum(what in PREDICTIONS for what in did)
        if guesses != given:
            lost.append(f"learner {one.number}: of {given} predictions {guesses}")
        mine = service.store.runs(owners=[name_of(one.code)])
        begun = sum(what in STARTS for what in did)
        begun += sum(what == "press Fine-tune" for what in did)  # it starts two
        if len(mine) != begun:
            lost.append(f"learner {one.number}: {len(mine)} runs of {begun}")
        for run in mine:
            curve = service.curve(run.id, 100_000)
            if run.status != "done" or not curve or curve[-1].step != run.num_steps:
                lost.append(f"learner {one.number}: {run.id} is {run.status} at {run.step}")
    return lost


def lost_in_browsers(browsers: Sequence[InBrowser], service: Service) -> list[str]:
    """What those in real browsers did and the store does not have."""
    lost = []
    for one in browsers:
        kept = service.answers(name_of(one.code))
        mine = service.store.runs(owners=[name_of(one.code)])
        if one.explained and one.explanation not in json.dumps(kept, ensure_ascii=False):
            lost.append(f"browser {one.number}: the explanation")
        if one.bet_once and not kept.get("bets"):
            lost.append(f"browser {one.number}: the bet")
        if [run.status for run in mine] != ["done"] * one.begun:
            lost.append(f"browser {one.number}: of {one.begun} runs {[r.status for r in mine]}")
        if not one.explained:
            lost.append(f"browser {one.number} did not come to the end of the story")
    return lost


def seen_of_others(learners: Sequence[Learned], service: Service) -> list[str]:
    """What stood on somebody's pages and belongs to somebody else."""
    owner = {run.id: run.owner for run in service.store.runs(limit=10_000, experiment=None)}
    owner |= {shown_id(run): one for run, one in owner.items()}  # what lists show
    found = []
    for one in learners:
        theirs = sorted(
            run
            for run in (told.decode() for told in one.told)
            if owner.get(run, name_of(one.code)) not in (name_of(one.code), "")
        )
        found += [f"learner {one.number} saw {run}" for run in theirs]
        words = sorted(one.leaked - {one.number})
        found += [f"learner {one.number} read the answer of {other}" for other in words]
    return found


async def measure(address: str, service: Service, options: argparse.Namespace) -> Figures:
    """Let the class work, and look at everything."""
    plan = PLANS[options.plan]
    server = server_process()
    while len(service.workers()) < 1 + options.slots:
        await asyncio.sleep(0.5)
    await asyncio.sleep(5.0)  # workers are known before they have loaded everything
    machine, over = Machine(server), asyncio.Event()
    watching = asyncio.create_task(machine.watch(over))
    browsers = [InBrowser(options.learners + n, new_code()) for n in range(options.browsers)]
    lasted: dict[str, float] = {}
    async with AsyncExitStack() as opened:
        browsing = await open_browsers(opened, address, browsers, over)
        learners = await enter(opened, address, options.learners, options.pace)
        began = time.perf_counter()
        if options.together:
            lasted = await together(learners, plan)
        else:
            await asyncio.gather(*(free(one, plan) for one in learners))
        seconds = time.perf_counter() - began
        over.set()
        await asyncio.gather(*browsing, watching)
    clicks = [click for one in learners for click in one.tab.clicks]
    times = [taken for _, taken in clicks] or [0.0]
    in_browser = [taken for one in browsers for taken in one.clicks] or [0.0]
    rows = [row for one in learners for row in service.store.runs(owners=[name_of(one.code)])]
    waits = [row.started - row.created for row in rows if row.started is not None] or [0.0]
    slowest = sorted(clicks, key=lambda click: -click[1])[:10]
    server_share, workers_share = machine.shares(seconds)
    steps = list(dict.fromkeys(name_of_step(step) for step in plan))
    return Figures(
        learners=len(learners),
        browsers=len(browsers),
        pace=options.pace,
        minutes=seconds / 60,
        clicks=len(clicks),
        click_p50=statistics.median(times),
        click_p95=quantile(times, 0.95),
        click_p99=quantile(times, 0.99),
        click_largest=max(times),
        slowest=[f"{what} {taken:.2f} s" for what, taken in slowest],
        acts=by_act(clicks),
        browser_clicks=len(in_browser),
        browser_click_p50=statistics.median(in_browser),
        browser_click_p95=quantile(in_browser, 0.95),
        errors=[
            *(f"learner {one.number}: {said}" for one in learners for said in one.tab.errors),
            *(f"learner {one.number}: {said}" for one in learners for said in one.problems),
            *(said for one in browsers for said in one.problems),
        ],
        lost=[*what_was_lost(learners, service), *lost_in_browsers(browsers, service)],
        seen_of_others=seen_of_others([*learners, *browsers], service),
        runs=len(rows),
        run_wait_p50=statistics.median(waits),
        run_wait_largest=max(waits),
        run_seconds_p50=statistics.median(
            [row.seconds for row in rows if row.kind == "pretrain"] or [0.0]
        ),
        server_mb_before=machine.before,
        server_mb_most=machine.most,
        workers_mb_most=machine.workers_most,
        server_cpu_share=server_share,
        workers_cpu_share=workers_share,
        step_minutes={name: taken / 60 for name, taken in lasted.items()},
        step_seconds_p50={
            name: statistics.median(one.seconds.get(name, 0.0) for one in learners)
            for name in steps
        },
        step_machine_p50={
            name: statistics.median(one.machine.get(name, 0.0) for one in learners)
            for name in steps
        },
        step_machine_largest={
            name: max(one.machine.get(name, 0.0) for one in learners) for name in steps
        },
        step_seconds_p95={
            name: quantile([one.seconds.get(name, 0.0) for one in learners], 0.95) for name in steps
        },
    )


def print_table(found: Figures) -> None:
    for name, value in asdict(found).items():
        shown = f"{value:,.4g}" if isinstance(value, float) else str(value)
        print(f"{name.replace('_', ' '):<20} {shown}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--browsers", type=int, default=2, help="besides the learners")
    parser.add_argument("--plan", choices=tuple(PLANS), default="45")
    parser.add_argument("--pace", type=float, default=1.0, help="times the seconds of thinking")
    parser.add_argument("--slots", type=int, default=2, help="runs that train at once")
    parser.add_argument("--together", action="store_true", help="a teacher leads, step by step")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    os.environ["TINYLM_LEARNERS"] = "many"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with running_app(home, options.slots) as address:
            service = Service(home)
            try:
                found = asyncio.run(measure(address, service, options))
            finally:
                service.close()
    if options.json:
        print(json.dumps(asdict(found)))
    else:
        print_table(found)


if __name__ == "__main__":
    main()

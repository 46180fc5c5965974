"""A whole class on one server: thirty learners go through the main story, each in a session.

    python -m benchmarks.classroom [--learners 30] [--browsers 2] [--plan 45|180] [--pace 1.0]
        [--together] [--json]

Starts the app for a class, and lets everybody walk a plan of docs/teaching.md, such as: look at
the start, begin a training of 20 seconds, bet on words and read the corpus meanwhile, look at
what was learned, put questions to it, fine-tune it, and explain. Some use a real browser, all the
others are websocket clients that speak Streamlit's protocol. Between two acts a learner thinks,
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
import random
import re
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Page, async_playwright

from benchmarks.pages.session import Missing, Session, session
from benchmarks.pages.viewers import megabytes, processor_seconds, quantile, server_process
from tests.browser import ARGUMENTS, chromium, running_app
from tinylm.learners import name_of, new_code
from tinylm.runs.service import Service

TRAINED = "✅"  # stands before a run's state once it is done
LONGEST = 1800.0  # seconds that a learner waits for a run, with a whole class before it
ARRIVING = 0.4  # seconds between two arrivals
LOOK_EVERY = 2.0  # seconds between two looks at memory
THREES, FIVES = 3, 5  # learners who do together what would take a class too long
STARTS = ("press Start training", "press Fine-tune")
RUN_ID = re.compile(rb"[a-z0-9]{1,24}(?:-[a-z0-9]{1,24}){0,2}-[a-z2-7]{6,24}")


@dataclass
class Learner:
    """One learner, what it did, and what was told to it."""

    number: int
    code: str
    tab: Session
    pace: float
    chance: random.Random
    seconds: dict[str, float] = field(default_factory=dict)  # of each step, thinking included
    waited: dict[str, float] = field(default_factory=dict)  # of it, for runs
    problems: list[str] = field(default_factory=list)
    told: set[bytes] = field(default_factory=set)  # all that looked like the id of a run
    leaked: set[int] = field(default_factory=set)  # whose secret words stood on a page here
    run: str = ""

    @property
    def secret(self) -> str:
        return f"secret{self.number:03d}words"

    @property
    def explanation(self) -> str:
        return f"{self.secret}: a model learns to predict the next token of a text."

    async def think(self, least: float, most: float) -> None:
        await asyncio.sleep(self.pace * self.chance.uniform(least, most))

    def read(self, frame: bytes) -> None:
        """Note whose things stand in a message."""
        self.told.update(RUN_ID.findall(frame))
        self.leaked.update(int(n) for n in re.findall(rb"secret(\d{3})words", frame))


# The story ----------------------------------------------------------------------------------


async def start(one: Learner) -> None:
    """The first page: a live answer, and another number of examples."""
    await one.tab.open("start")
    await one.think(60, 120)
    await one.tab.choose("Examples before the line", "none")
    await one.think(30, 60)


async def begin(one: Learner) -> None:
    """Start a training of 20 seconds; it goes on while the next steps are done."""
    await one.tab.open("pretrain")
    await one.think(60, 90)
    await one.tab.choose("How much time", "20 seconds")
    await one.think(5, 10)
    await one.tab.press("Start training")
    one.run = dict(part.split("=") for part in one.tab.query.split("&"))["run"]
    await one.think(20, 40)


async def bet(one: Learner) -> None:
    """Be the model: bet on the next word, three times."""
    await one.tab.open("bet")
    await one.think(30, 60)
    for _ in range(3):
        await one.tab.slide("Chips on “", 5)
        await one.think(15, 30)
        await one.tab.press("Uncover the word")
        await one.think(20, 40)


async def corpus(one: Learner) -> None:
    """Read the text, and look for a word in it."""
    await one.tab.open("corpus")
    await one.think(60, 90)
    await one.tab.type("Look for", "capital")
    await one.think(30, 60)


async def watch(one: Learner) -> None:
    """Come back to the training, wait for its end, and look at what it wrote."""
    await one.tab.open("pretrain", run=one.run)
    one.waited["watch"] = await one.tab.until(
        lambda text: TRAINED in text, LONGEST, "the end of the training"
    )
    await one.think(90, 150)


async def inside(one: Learner) -> None:
    """Ask the trained model for the odds after a text of one's own."""
    await one.tab.open("inside", run=one.run)
    await one.think(60, 90)
    await one.tab.type("Your text", "The capital of Spain is")
    await one.think(30, 60)


async def prompts(one: Learner) -> None:
    """Put questions with examples, and predict what more of them do."""
    await one.tab.open("prompts", run=one.run)
    await one.think(60, 90)
    for _ in range(3):
        await one.tab.press("Another question")
        await one.think(20, 40)
    await one.tab.press("rise")
    await one.think(60, 90)


async def tune(one: Learner) -> None:
    """Fine-tune the base and a model from scratch on the same labels; both go on meanwhile."""
    await one.tab.open("finetune", run=one.run)
    await one.think(60, 90)
    await one.tab.press("the one from the base")
    await one.think(5, 10)
    await one.tab.press("Fine-tune")
    await one.think(10, 20)


async def why(one: Learner) -> None:
    """Read what the next word asks of a model."""
    await one.tab.open("why", run=one.run)
    await one.think(120, 180)


async def tuned(one: Learner) -> None:
    """Come back to the fine-tuning, and wait for its end."""
    await one.tab.open("finetune", run=one.run)
    one.waited["tuned"] = await one.tab.until(
        lambda text: text.count(TRAINED) >= 2, LONGEST, "the end of the fine-tuning"
    )
    await one.think(60, 90)


async def explain(one: Learner) -> None:
    """Say in own words what pre-training is."""
    await one.tab.open("explain")
    await one.think(180, 240)
    await one.tab.type("Your answer", one.explanation)
    await one.tab.press("Check my answer")
    await one.think(60, 90)


async def tokens(one: Learner) -> None:
    """See how a vocabulary is learned."""
    await one.tab.open("tokens")
    await one.think(120, 180)


async def fewshot(one: Learner) -> None:
    """In fives, measure all questions with 0 to 8 examples, with controls: 18 measurements."""
    await one.tab.open("prompts", run=one.run)
    await one.think(30, 60)
    if one.number % FIVES:
        return
    await one.tab.press("Run the experiment")
    one.waited["fewshot"] = await one.tab.until(
        lambda text: " of 18 measured" not in text, LONGEST, "the end of the measurements"
    )
    await one.think(120, 180)


async def metrics(one: Learner) -> None:
    """Four metrics and how each misleads: read, predict."""
    await one.tab.open("metrics", run=one.run)
    await one.think(120, 180)
    await one.tab.press("rise")
    await one.think(240, 300)


async def limits(one: Learner) -> None:
    """What it makes up, and what it knows by heart."""
    await one.tab.open("limits", run=one.run)
    await one.think(300, 420)


async def longer(one: Learner) -> None:
    """In threes, train the one-minute preset; this goes on meanwhile."""
    await one.tab.open("pretrain")
    if one.number % THREES:
        return
    await one.tab.press("Train another")
    await one.think(20, 40)
    await one.tab.choose("How much time", "1 minute")
    await one.think(10, 20)
    await one.tab.press("Start training")
    one.run = dict(part.split("=") for part in one.tab.query.split("&"))["run"]
    await one.think(20, 40)


async def real(one: Learner) -> None:
    """Beside real models."""
    await one.tab.open("real", run=one.run)
    await one.think(300, 420)


Step = Callable[[Learner], Awaitable[None]]
# The plans of docs/teaching.md, by their minutes
PLANS: dict[str, tuple[Step, ...]] = {
    "45": (start, begin, bet, corpus, watch, inside, prompts, tune, why, tuned, explain),
    "180": (
        *(start, begin, bet, corpus, tokens, watch, inside, why),
        *(longer, prompts, metrics, watch, fewshot, tune, limits, tuned, real, explain),
    ),
}


async def go(one: Learner, step: Step) -> None:
    """One step of one learner; what goes wrong is kept, and the learner goes on."""
    began = time.perf_counter()
    name = getattr(step, "__name__", "")
    try:
        await step(one)
    except Missing as missing:
        one.problems.append(f"{name}: {missing}")
    one.seconds[name] = one.seconds.get(name, 0.0) + time.perf_counter() - began


async def free(one: Learner, plan: Sequence[Step]) -> None:
    """The whole story at the learner's own pace."""
    await asyncio.sleep(one.number * ARRIVING)
    for step in plan:
        await go(one, step)


async def together(learners: Sequence[Learner], plan: Sequence[Step]) -> dict[str, float]:
    """The whole story, led by a teacher; returns the seconds until the last has ended each step."""
    lasted: dict[str, float] = {}
    for step in plan:
        began = time.perf_counter()
        await asyncio.gather(*(go(one, step) for one in learners))
        name = getattr(step, "__name__", "")
        lasted[name] = lasted.get(name, 0.0) + time.perf_counter() - began
    return lasted


# In a browser -------------------------------------------------------------------------------


@dataclass
class InBrowser:
    """What one real browser found."""

    clicks: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


async def browse(page: Page, found: InBrowser, over: asyncio.Event) -> None:
    """Look around in a browser until the class is over; each page counts until its heading."""
    paths = ("", "bet", "corpus", "tokens", "pretrain", "prompts", "explain")
    turn = 0
    while not over.is_set():
        path = paths[turn % len(paths)]
        turn += 1
        began = time.perf_counter()
        try:
            if turn == 1:
                await page.goto("/", wait_until="commit")
            else:
                link = page.locator(f'[data-testid="stSidebarNav"] a[href$="/{path}"]').first
                await link.click()
                await page.wait_for_url(f"**/{path}*")
            await page.get_by_role("heading", level=1).wait_for()
        except Exception as error:  # of the browser: said, not fatal
            found.problems.append(f"browser, {path}: {str(error).splitlines()[0]}")
        found.clicks.append(time.perf_counter() - began)
        if await page.locator('[data-testid="stException"]').count():
            found.problems.append(f"browser, {path}: a traceback")
        await asyncio.sleep(5.0)


# What was found -----------------------------------------------------------------------------


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


def workers_of(server: psutil.Process) -> list[psutil.Process]:
    return list(server.children(recursive=True))


@dataclass
class Machine:
    """Memory and processor of the server and its workers, looked at again and again."""

    server: psutil.Process
    before: float = 0.0
    most: float = 0.0
    workers_most: float = 0.0
    used: dict[int, float] = field(default_factory=dict)  # seconds of processor by process
    first: dict[int, float] = field(default_factory=dict)

    async def watch(self, over: asyncio.Event) -> None:
        self.before = megabytes(self.server)
        while not over.is_set():
            self.most = max(self.most, megabytes(self.server))
            memory = 0.0
            for process in (self.server, *workers_of(self.server)):
                try:
                    seconds = processor_seconds(process)
                    memory += megabytes(process) if process.pid != self.server.pid else 0.0
                except psutil.NoSuchProcess:
                    continue
                self.first.setdefault(process.pid, seconds)
                self.used[process.pid] = seconds - self.first[process.pid]
            self.workers_most = max(self.workers_most, memory)
            await asyncio.sleep(LOOK_EVERY)

    def shares(self, seconds: float) -> tuple[float, float]:
        mine = self.used.get(self.server.pid, 0.0)
        return mine / seconds, (sum(self.used.values()) - mine) / seconds


def what_was_lost(learners: Sequence[Learner], service: Service) -> list[str]:
    """What learners did and the store does not have."""
    lost = []
    for one in learners:
        kept = service.answers(name_of(one.code))
        texts = json.dumps(kept, ensure_ascii=False)
        if one.explanation not in texts:
            lost.append(f"learner {one.number}: the explanation")
        bets = kept.get("bets")
        if not isinstance(bets, list) or len(bets) != 3:
            lost.append(f"learner {one.number}: of 3 bets {bets!r:.60}")
        guesses = sum(name.startswith("predicted: ") for name in kept)
        if guesses < 2:
            lost.append(f"learner {one.number}: {2 - guesses} predictions")
        mine = service.store.runs(owners=[name_of(one.code)])
        begun = sum(what in STARTS for what, _ in one.tab.clicks)
        begun += sum(what == "press Fine-tune" for what, _ in one.tab.clicks)  # it starts two
        if len(mine) != begun:
            lost.append(f"learner {one.number}: {len(mine)} runs of {begun}")
        for run in mine:
            curve = service.curve(run.id, 100_000)
            if run.status != "done" or not curve or curve[-1].step != run.num_steps:
                lost.append(f"learner {one.number}: {run.id} is {run.status} at {run.step}")
    return lost


def seen_of_others(learners: Sequence[Learner], service: Service) -> list[str]:
    """What stood on somebody's pages and belongs to somebody else."""
    owner = {run.id: run.owner for run in service.store.runs(limit=10_000, experiment=None)}
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
    browsers = [InBrowser() for _ in range(options.browsers)]
    lasted: dict[str, float] = {}
    async with AsyncExitStack() as opened:
        browsing = await open_browsers(opened, address, browsers, over)
        learners = []
        for number in range(options.learners):
            code = new_code()
            tab = await opened.enter_async_context(session(address, code))
            one = Learner(number, code, tab, options.pace, random.Random(number))
            tab.on_message = one.read
            learners.append(one)
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
    steps = list(dict.fromkeys(getattr(step, "__name__", "") for step in plan))
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
        browser_clicks=len(in_browser),
        browser_click_p50=statistics.median(in_browser),
        browser_click_p95=quantile(in_browser, 0.95),
        errors=[
            *(f"learner {one.number}: {said}" for one in learners for said in one.tab.errors),
            *(f"learner {one.number}: {said}" for one in learners for said in one.problems),
            *(said for one in browsers for said in one.problems),
        ],
        lost=what_was_lost(learners, service),
        seen_of_others=seen_of_others(learners, service),
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
        step_seconds_p95={
            name: quantile([one.seconds.get(name, 0.0) for one in learners], 0.95) for name in steps
        },
    )


async def open_browsers(
    opened: AsyncExitStack, address: str, found: Sequence[InBrowser], over: asyncio.Event
) -> list[asyncio.Task[None]]:
    """Begin to look around in real browsers, one learner each."""
    if not found:
        return []
    driver = await opened.enter_async_context(async_playwright())
    browser = await driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    opened.push_async_callback(browser.close)
    tasks = []
    for one in found:
        context: Any = await browser.new_context(base_url=address)
        tasks.append(asyncio.create_task(browse(await context.new_page(), one, over)))
    return tasks


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

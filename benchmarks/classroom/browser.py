"""Learners in real browsers: they train, bet and explain, then look around until the end."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from playwright.async_api import Error, Page, async_playwright

from benchmarks.classroom.story import TRAINED, Learned
from tests.browser import ARGUMENTS, chromium
from ui.viewing import LEARNER_COOKIE

LOOK_AROUND = ("", "bet", "corpus", "tokens", "pretrain", "prompts", "explain")
REST = 5.0  # seconds on a page
PATIENCE = 120_000  # milliseconds for one act
TRAINING = 1_800_000  # milliseconds until a run is done, with a whole class before it


@dataclass
class InBrowser(Learned):
    """One learner in a real browser."""

    clicks: list[float] = field(default_factory=list)  # seconds until a page's heading


async def read(page: Page, one: InBrowser) -> None:
    """Note whose things stand on the page, and whether something went wrong on it."""
    one.read((await page.content()).encode())
    if await page.locator('[data-testid="stException"]').count():
        one.problems.append(f"browser, {page.url}: a traceback")


async def go(page: Page, one: InBrowser, path: str) -> None:
    """Click on a page in the list of pages; the time counts until its heading stands there."""
    began = time.perf_counter()
    await page.locator(f'[data-testid="stSidebarNav"] a[href$="/{path}"]').first.click()
    await page.wait_for_url(f"**/{path}*")
    await page.get_by_role("heading", level=1).wait_for()
    one.clicks.append(time.perf_counter() - began)
    await read(page, one)
    await asyncio.sleep(REST)


async def story(page: Page, one: InBrowser) -> None:
    """Train, bet on a word, and explain, as the others do."""
    await go(page, one, "pretrain")
    await page.get_by_role("radio", name="20 seconds").click()
    await page.get_by_role("button", name="Start training").click()
    await page.wait_for_url("**run=*")
    one.begun += 1
    await go(page, one, "bet")
    await page.get_by_role("slider", name=re.compile("^Chips on")).first.press("ArrowRight")
    await page.get_by_role("button", name="Uncover the word").click()  # once it is no longer grey
    one.bet_once = True
    await go(page, one, "pretrain")
    await page.get_by_text(TRAINED).first.wait_for(timeout=TRAINING)
    await go(page, one, "explain")
    await page.get_by_role("textbox", name="Your answer").fill(one.explanation)
    await page.get_by_role("button", name="Check my answer").click()
    await asyncio.sleep(REST)  # the check takes a moment; what was kept is looked at in the end
    one.explained = True
    await read(page, one)


async def browse(page: Page, one: InBrowser, over: asyncio.Event) -> None:
    """Walk the story, then look around until the class is over; each page counts."""
    page.set_default_timeout(PATIENCE)
    turn = 0
    try:
        await page.goto("/", wait_until="commit")
        await page.get_by_role("heading", level=1).wait_for()
        await story(page, one)
    except Error as error:  # said, not fatal
        one.problems.append(f"browser, the story: {str(error).splitlines()[0]}")
    while not over.is_set():
        path = LOOK_AROUND[turn % len(LOOK_AROUND)]
        turn += 1
        try:
            await go(page, one, path)
        except Error as error:
            one.problems.append(f"browser, {path}: {str(error).splitlines()[0]}")


async def open_browsers(
    opened: AsyncExitStack, address: str, found: Sequence[InBrowser], over: asyncio.Event
) -> list[asyncio.Task[None]]:
    """Begin the story in real browsers, one learner each."""
    if not found:
        return []
    driver = await opened.enter_async_context(async_playwright())
    browser = await driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    opened.push_async_callback(browser.close)
    tasks = []
    for one in found:
        context = await browser.new_context(base_url=address)
        await context.add_cookies([{"name": LEARNER_COOKIE, "value": one.code, "url": address}])
        tasks.append(asyncio.create_task(browse(await context.new_page(), one, over)))
    return tasks

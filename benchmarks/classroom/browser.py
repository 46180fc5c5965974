"""Learners in real browsers, who look around until the class is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page, async_playwright

from tests.browser import ARGUMENTS, chromium


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

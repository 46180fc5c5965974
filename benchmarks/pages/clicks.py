"""How quickly the pages answer, in a real browser: first paint, clicks during a training.

    python -m benchmarks.pages.clicks [--starts 5] [--visits 10] [--clicks 20]

Times the first heading of a server that has just started, and of new browser windows once
its workers are loaded; then, while the 5-minute preset trains, the time from a click on another
measure of the curve to the curve that shows it. Also checks that updates of the live plot
keep its node in the page and its zoom. Needs requirements-dev.txt and Chromium.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pages.viewers import quantile
from tests.browser import ARGUMENTS, chromium, running_app
from tinylm.home import database_url
from tinylm.runs.store import Store
from tinylm.runs.work.supervisor import long_slots

MEASURES = {"perplexity": "Perplexity", "bits per byte": "Bits per byte", "loss": "Loss"}


def first_heading(browser: Browser, address: str) -> float:
    """Seconds from opening the start page in a new window to its heading."""
    context = browser.new_context()
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_role("heading", level=1).wait_for()
    seconds = time.perf_counter() - started
    context.close()
    return seconds


@contextmanager
def training(browser: Browser, address: str) -> Iterator[Page]:
    """A browser window that shows the curve of a long run while it trains."""
    page = browser.new_page()
    page.goto(f"{address}/pretrain")
    page.get_by_text("5 minutes", exact=True).click()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_function(
        "() => { const t = document.body.innerText.match(/step ([\\d,]+) of/);"
        " return t && Number(t[1].replace(',', '')) > 20; }",
        timeout=120_000,
    )
    page.get_by_text("Advanced: all measures").click()
    yield page
    page.close()


def click(page: Page, measure: str) -> float:
    """Seconds from choosing a measure until the curve shows it."""
    shown = page.locator(f'.tinylm-plot[aria-label*="{MEASURES[measure]}"]')
    choice = page.get_by_role("radio", name=measure).locator("xpath=ancestor::label[1]")
    started = time.perf_counter()
    choice.click()
    shown.first.wait_for()
    return time.perf_counter() - started


def steadiness(page: Page, updates: int = 8) -> tuple[int, int, bool]:
    """Watch the live plot: (updates seen, blank frames seen, whether node and zoom were kept)."""
    result: Any = page.evaluate(
        """async updates => {
            const plot = document.querySelector('.tinylm-plot');
            await window.Plotly.relayout(plot, {"xaxis.range": [3, 17]});
            const svg = plot.querySelector('.main-svg');
            let seen = 0, blank = 0, last = plot.data[0].x.length + ":" + plot.data[0].y.join();
            const stop = performance.now() + 40000;
            while (seen < updates && performance.now() < stop) {
                await new Promise(requestAnimationFrame);
                if (!plot.isConnected || !plot.querySelector('.trace path')) blank++;
                const now = plot.data[0].x.length + ":" + plot.data[0].y.join();
                if (now !== last) { seen++; last = now; }
            }
            const kept = plot.isConnected && plot.querySelector('.main-svg') === svg
                && plot.layout.xaxis.range.join() === "3,17";
            return [seen, blank, kept];
        }""",
        updates,
    )
    return (int(result[0]), int(result[1]), bool(result[2]))


def wait_for_workers(home: Path, slots: int | None = None) -> None:
    """Wait until every worker has had time to load torch; `slots` of them train.

    None is the number that the app starts by default.
    """
    slots = long_slots() if slots is None else slots
    store = Store(database_url(home))
    while len(store.workers()) < 1 + slots:
        threading.Event().wait(0.2)
    threading.Event().wait(5.0)  # workers are in the store before they have loaded torch
    store.close()


def report(name: str, seconds: list[float]) -> None:
    print(
        f"{name}: median {statistics.median(seconds):.2f} s, p95 {quantile(seconds, 0.95):.2f} s, "
        f"largest {max(seconds):.2f} s, n = {len(seconds)}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--visits", type=int, default=10)
    parser.add_argument("--clicks", type=int, default=20)
    options = parser.parse_args()
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as home:
        browser = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        # The first visit meets a server in which no page has run yet.
        cold = []
        for start in range(options.starts):
            with running_app(Path(home) / str(start)) as address:
                cold.append(first_heading(browser, address))
        report("first heading, cold server", cold)
        measure_warm(browser, Path(home) / "warm", options)
        browser.close()


def measure_warm(browser: Browser, home: Path, options: argparse.Namespace) -> None:
    """Visits once all workers are loaded, then clicks while a run trains."""
    with running_app(home) as address:
        wait_for_workers(home)
        visits = [first_heading(browser, address) for _ in range(options.visits)]
        report("first heading, new window", visits)
        with training(browser, address) as page:
            order = [list(MEASURES)[i % len(MEASURES)] for i in range(options.clicks)]
            report("click during a training", [click(page, measure) for measure in order])
            seen, blank, kept = steadiness(page)
            print(f"live plot: {seen} updates, {blank} blank frames, node and zoom kept: {kept}")


if __name__ == "__main__":
    main()

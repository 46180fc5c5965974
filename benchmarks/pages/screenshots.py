"""Pictures of every page, light and dark, wide and narrow, into docs/screens.

    python -m benchmarks.pages.screenshots --home FOLDER [--run RUN] [--pages sheets,told]

FOLDER is a TINYLM_HOME with a trained run. If no run is named, the newest one is shown. Of the
experiments two stand for all, with what was recorded. A font with emoji must be installed
(Debian: fonts-noto-color-emoji), otherwise boxes replace them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pages.registry import EXPERIMENTS, LESSONS, TOOLS
from tests.browser import ARGUMENTS, ROOT, chromium, running_app

SHOWN = ("sheets", "told")  # of the experiments
PATHS = ("", *(one.name for one in LESSONS), *SHOWN, *TOOLS)  # the first is the start page
SIZES = {1280: 1400, 390: 1400}  # width -> height in pixels
SETTLED = 3_500  # milliseconds after the heading, for charts and workers' answers
ANSWERED = 15_000  # milliseconds that the slowest answers take


def settled(page: Page, address: str, path: str, run: str) -> None:
    """Open a page of the app and give it time."""
    page.goto(f"{address}/{path}?run={run}")
    page.get_by_role("heading", level=1).first.wait_for()
    page.wait_for_timeout(SETTLED)
    if path in {one.name for one in EXPERIMENTS}:
        page.get_by_role("button", name="Show me without guessing").click()
        page.wait_for_timeout(SETTLED)


def picture(page: Page, address: str, path: str, run: str, target: Path) -> None:
    settled(page, address, path, run)
    page.screenshot(path=target)
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    print(f"{target.name}{', too wide by ' + str(width) if width > 0 else ''}", flush=True)


def ask_first(page: Page, address: str, run: str, paths: Sequence[str]) -> None:
    """Open every page once, so that workers have their answers when the pictures are taken."""
    for path in paths:
        settled(page, address, path, run)
    page.wait_for_timeout(ANSWERED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--run", default="")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--pages", default=",".join(PATHS), help="their paths, with commas between")
    options = parser.parse_args()
    paths = options.pages.split(",")
    bases = (options.home / "runs").glob("world-*")
    run = options.run or max(bases, key=lambda folder: folder.stat().st_mtime).name
    options.out.mkdir(parents=True, exist_ok=True)
    with running_app(options.home) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        first = browser.new_page()
        first.set_default_timeout(60_000)
        ask_first(first, address, run, paths)
        first.close()
        for theme in ("light", "dark"):
            for width, height in SIZES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="light" if theme == "light" else "dark",
                )
                page = context.new_page()
                page.set_default_timeout(60_000)
                for path in paths:
                    target = options.out / f"{path or 'start'}-{width}-{theme}.png"
                    picture(page, address, path, run, target)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()

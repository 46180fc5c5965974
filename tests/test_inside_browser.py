"""Scrubbing over the checkpoints of a run: the odds of each are there at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import ARGUMENTS, ROOT, required_chromium, running_app

CHECKPOINTS = 20
SLOWEST = 0.5  # seconds until the odds of another checkpoint are to be seen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    program = required_chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    home: Path = tmp_path_factory.mktemp("home")
    settings = ("--set", "checkpoint_interval=3", "--set", "threads=1")
    command = [sys.executable, "-m", "tinylm", "train", "--preset", "tiny", *settings, "--json"]
    environment = os.environ | {"TINYLM_HOME": str(home)}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    with running_app(home) as address, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.set_default_timeout(60_000)
        opened.goto(f"{address}/inside")
        yield opened
        browser.close()


def test_every_checkpoint_shows_its_odds_at_once(page: Any) -> None:
    odds = page.locator('.tinylm-plot[aria-label^="Most probable"]')
    odds.wait_for()
    slider = page.get_by_role("slider", name="The model as it was at step").first
    slider.focus()
    seen = {odds.get_attribute("aria-label")}
    times = []
    for _ in range(CHECKPOINTS):
        before = odds.get_attribute("aria-label")
        began = time.perf_counter()
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            """before => {
                const now = document.querySelector('.tinylm-plot[aria-label^="Most probable"]');
                return now && now.getAttribute("aria-label") !== before;
            }""",
            arg=before,
        )
        times.append(time.perf_counter() - began)
        seen.add(odds.get_attribute("aria-label"))
    p95 = sorted(times)[int(0.95 * len(times)) - 1]
    print(f"scrubbing: median {sorted(times)[10]:.2f} s, p95 {p95:.2f} s of {len(times)}")
    assert len(seen) == CHECKPOINTS + 1
    assert p95 < SLOWEST

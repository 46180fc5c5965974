"""What a learner sees in a browser: one screen while it trains, and a curve drawn by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import opened_page, wait_for_rest
from tests.runs_fakes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WIDTH, HEIGHT = 1280, 800


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    size = {"width": WIDTH, "height": HEIGHT}
    with opened_page(tmp_path_factory.mktemp("home"), 90_000, viewport=size) as opened:
        yield opened


def bottom(found: Any) -> float:
    """Where it ends, in pixels from the top; between two drawings of the page it is nowhere."""
    boxes = []

    def is_there() -> bool:
        boxes.append(found.bounding_box())
        return boxes[-1] is not None

    wait_until(is_there)
    return float(boxes[-1]["y"] + boxes[-1]["height"])


def test_a_curve_is_drawn_by_keyboard_and_all_that_matters_fits_on_one_screen(page: Any) -> None:
    page.goto("/pretrain")
    page.get_by_role("radio", name="A few seconds").click()
    wait_for_rest(page, "Only that everything works")
    handle = page.get_by_role("slider", name=re.compile("before step 1"))
    handle.focus()
    for _ in range(5):
        handle.press("ArrowUp")
    assert handle.get_attribute("aria-valuetext") == "160 pieces"
    page.wait_for_timeout(600)  # the browser sends a drawing once it rests
    page.get_by_role("button", name="Start training").click()
    page.get_by_text("Before its first step").wait_for()
    page.get_by_text("hesitates as among").wait_for()
    curve = page.locator('.tinylm-plot[aria-label*="You drew"]')
    odds = page.locator('.tinylm-plot[aria-label*="ikeliest next words"]')
    for part in (curve, odds):
        part.locator(".main-svg").first.wait_for()
        assert bottom(part) <= HEIGHT
    row = page.get_by_role("button", name="Play it as a film")
    row.wait_for()
    page.get_by_text("done · step 60 of 60").wait_for()
    page.get_by_text("of such pieces").wait_for()  # the last look says more than those before
    wait_until(lambda: bottom(row) <= HEIGHT)
    page.get_by_text("Your drawing and what was measured").wait_for()
    page.get_by_text("You said 160").wait_for()

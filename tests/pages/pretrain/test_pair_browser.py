"""Two settings at once in a real browser: one click, two live curves, and a reload in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import LOOK, required_chromium, running_app, running_browser, wait_for_rest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    required_chromium()
    with running_app(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    with running_browser() as browser:
        opened = browser.new_page(viewport={"width": 390, "height": 900})
        opened.set_default_timeout(90_000)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        assert not errors


def begin(page: Any, address: str) -> None:
    """Two long runs of the smallest model, one of them narrower."""
    page.goto(f"{address}/pretrain")
    page.get_by_role("radio", name="A few seconds").click()
    wait_for_rest(page, "Only that everything works")
    page.get_by_text("Settings, by their names").click()
    steps = page.get_by_role("spinbutton", name=re.compile(r"^Steps"))
    steps.fill("20000")
    steps.press("Enter")
    page.get_by_text("Press Enter to apply").wait_for(state="hidden")
    page.get_by_text("Run two settings at once").click()
    page.get_by_role("button", name="Start both").click()


def test_both_curves_move_in_one_plot_and_outlive_a_reload(page: Any, address: str) -> None:
    begin(page, address)
    page.locator('.tinylm-plot[aria-label*="of 2 runs"] .main-svg').first.wait_for()
    assert "beside=" in page.url
    # The button stood far down on the page, and what it began stands above.
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
    both_move(page)
    page.reload()
    page.locator('.tinylm-plot[aria-label*="of 2 runs"] .main-svg').first.wait_for()
    both_move(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Stop both").click()
    page.get_by_role("button", name="Resume both").wait_for()


def both_move(page: Any) -> None:
    """The node stays, and each of the two training curves gets longer in it."""
    page.wait_for_function(
        """() => {
            window.plot = document.querySelector('.tinylm-plot[aria-label*="of 2 runs"]');
            const lines = window.plot?.data?.filter((one) => one.mode === "lines") ?? [];
            window.ends = lines.map((one) => one.x.at(-1));
            return lines.length === 2;
        }""",
        polling=LOOK,
    )
    names = page.evaluate("() => window.plot.data.map((one) => one.name)")
    assert [name for name in names if "training" not in name] == ["n_layer 1", "n_layer 2"]
    page.wait_for_function(
        """() => {
            const now = document.querySelector('.tinylm-plot[aria-label*="of 2 runs"]');
            const lines = now.data.filter((one) => one.mode === "lines");
            return now === window.plot && lines.every((one, i) => one.x.at(-1) > window.ends[i]);
        }""",
        polling=LOOK,
    )

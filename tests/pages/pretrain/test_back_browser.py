"""The browser's Back and Forward between the form and the runs that it started."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import opened_page, wait_for_rest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened_page(tmp_path_factory.mktemp("home"), 90_000) as opened:
        yield opened


def form(page: Any) -> None:
    page.get_by_role("button", name="Start training").wait_for()
    assert "run=" not in page.url


def watched(page: Any) -> str:
    """Wait for a run on the page; returns its id, from the address."""
    page.get_by_role("button", name="Start training").wait_for(state="hidden")
    page.get_by_text("Train it again with a change").wait_for()
    page.wait_for_url(re.compile("run="))
    return str(page.url.partition("run=")[2])


def start(page: Any) -> str:
    page.get_by_role("button", name="Start training").click()
    return watched(page)


def test_back_after_a_start_leads_to_the_form_and_forward_to_the_run(page: Any) -> None:
    page.goto("/prompts")
    page.get_by_role("link", name="Pre-train").first.click()
    page.get_by_role("radio", name="A few seconds").click()
    wait_for_rest(page, "Only that everything works")
    first = start(page)
    page.go_back()
    form(page)
    page.go_forward()
    assert watched(page) == first

    page.get_by_role("button", name="Train another").click()
    form(page)
    second = start(page)
    assert second != first
    page.go_back()
    form(page)
    page.go_forward()
    assert watched(page) == second

    page.get_by_role("link", name="Runs").first.click()
    page.get_by_role("heading", name="Runs", level=1).wait_for()
    page.get_by_role("link", name="Pre-train").first.click()
    assert watched(page) == second  # who comes from another page sees the run looked at last

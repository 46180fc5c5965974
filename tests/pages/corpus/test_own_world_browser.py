"""A world is edited in a real browser: broken, mended, undone, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import opened_page, wait_for_rest
from tinylm.corpora.sources.own_worlds import list_worlds, tables_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HEAD, ROW = 36, 35  # pixels of a table's lines
PIG, HOME = 3, 550  # a row, and where in it the column lies


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    with opened_page(tmp_path, 40_000, viewport={"width": 1280, "height": 1500}) as page:
        page.goto("/corpus")
        page.get_by_role("heading", name="Corpus", level=1).wait_for()
        # What comes above the table is there: the counts, and the sizes on the three cards.
        page.get_by_text("Different words").wait_for()
        page.get_by_text("Size:").nth(2).wait_for()
        page.get_by_text("being measured").first.wait_for(state="hidden")
        yield page


def open_editor(page: Any) -> None:
    page.get_by_role("tab", name="Edit the world").click()
    page.get_by_role("button", name="Undo").wait_for()


def fill_cell(page: Any, row: int, across: int, text: str) -> None:
    """Click the cell and type, as a person does who waits until the page is at rest."""
    wait_for_rest(page)
    table = page.get_by_test_id("stDataFrame").last.locator(".dvn-scroller").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": across, "y": HEAD + (row + 0.5) * ROW})
    page.keyboard.press("Enter")
    page.locator(".gdg-input, #portal textarea, #portal input").first.fill(text)
    page.keyboard.press("Enter")


def test_a_cell_is_broken_mended_undone_and_kept(page: Any, tmp_path: Path) -> None:
    open_editor(page)
    fill_cell(page, PIG, HOME, "moon|base")
    page.get_by_text("Animals, row 4 (pig), column home").wait_for()
    fill_cell(page, PIG, HOME, "moon base")
    page.get_by_text("Animals, row 4 (pig), column home").wait_for(state="hidden")
    page.get_by_text("1 cell changed").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Animals, row 4 (pig), column home").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("nothing changed").wait_for()
    fill_cell(page, PIG, HOME, "moon base")
    page.get_by_text("1 cell changed").wait_for()
    page.get_by_role("link", name="Tokens").first.click()
    page.get_by_role("heading", name="Tokens", level=1).wait_for()
    page.get_by_role("link", name="Corpus").first.click()
    page.get_by_role("heading", name="Corpus", level=1).wait_for()
    open_editor(page)
    page.get_by_text("1 cell changed").wait_for()
    page.get_by_role("button", name="Generate documents").click()
    page.get_by_test_id("stCode").get_by_text("moon base").first.wait_for()
    wait_for_rest(page)  # the documents still to come would move the button under the click
    page.get_by_role("button", name="Save as a world").click()
    page.get_by_role("heading", name="My world").wait_for()
    (kept,) = list_worlds(tmp_path)
    assert tables_of(kept.name, tmp_path)["animals"].rows[PIG][5] == "moon base"

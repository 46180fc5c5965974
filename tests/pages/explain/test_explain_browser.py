"""The last lesson in a browser: an answer survives a reload, and the sheet opens by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import running_app, running_browser, wait_for_rest
from tests.pages.explain.answers import GOOD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_an_answer_survives_a_reload_and_stands_on_the_sheet(home: Path, tmp_path: Path) -> None:
    with running_app(home, slots=1) as address, running_browser() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(60_000)
        page.goto(f"{address}/explain")
        box = page.get_by_role("textbox", name="Your answer")
        box.fill(GOOD["by a pupil"].text)
        page.get_by_role("button", name="Check my answer").click()
        wait_for_rest(page, "15 of 15")
        assert not page.get_by_role("alert").filter(has_text="try again").count()
        page.reload()
        page.get_by_text("15 of 15").wait_for()
        expect(box).to_have_value(GOOD["by a pupil"].text, timeout=20_000)
        page.get_by_text("Sheet to print").click()
        page.get_by_text("One sheet for you").wait_for()
        with page.expect_download() as found:  # the ending below offers the sheet as well
            page.get_by_role("button", name="Download the sheet").first.click()
        assert found.value.suggested_filename == "explain-pre-training.html"
        sheet = tmp_path / "sheet.html"
        found.value.save_as(sheet)
        opened = browser.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(sheet.as_uri())
        assert "guess the next word" in opened.inner_text("body")
        assert asked == [sheet.as_uri()]

"""A table of 200 rows, from its upload to zero-shot, few-shot, fine-tuned and scratch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import opened_page, required_chromium
from tests.own_rows import review_rows
from tinylm.evaluation.tasks.own.store import kept_tasks
from tinylm.presets import preset_config
from tinylm.runs.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ROWS = "".join(f"{asked},{label}\n" for asked, label in review_rows())


@pytest.fixture
def base(home: Path) -> str:
    """A tiny base of plain text, which brings no tasks."""
    required_chromium()
    service = Service(home)
    run = service.run_here(preset_config("tiny", corpus="names", steps=20, block_size=128))
    service.close()
    return run.id


@pytest.fixture
def page(home: Path, base: str) -> Iterator[Any]:
    with opened_page(home, 60_000) as opened:
        yield opened


def test_a_table_of_200_rows_is_asked_and_learned(page: Any, base: str, home: Path) -> None:
    page.goto(f"/own_task?run={base}")
    page.get_by_text("It may begin like this").wait_for()
    table = {"name": "moods.csv", "mimeType": "text/csv", "buffer": f"input,label\n{ROWS}".encode()}
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_text("120 items are for training and 80 are").wait_for()
    page.get_by_role("button", name="Keep this task").click()
    page.get_by_text("Of 8 examples").wait_for()
    (kept,) = kept_tasks(home)

    page.get_by_role("link", name="Ask it").click()
    page.get_by_text("What to expect").wait_for()
    page.get_by_role("button", name="rise", exact=True).click()
    page.get_by_role("button", name="Run the experiment").click()
    page.get_by_text("n = 80 held-out items").wait_for()
    page.get_by_text(re.compile(r"Measured: .* without examples, .* with 8")).wait_for()

    chart = page.locator('.tinylm-plot[aria-label*="k = 8"]').first
    assert re.search(r"untrained: .*base: .*chance: 50%", str(chart.get_attribute("aria-label")))

    page.goto(f"/finetune?run={base}&task={kept.name}")
    page.get_by_role("radio", name="32", exact=True).click()
    page.get_by_text("After 32 labels").wait_for()
    page.get_by_role("button", name="the one from the base", exact=True).click()
    page.get_by_text("Your prediction").first.wait_for()
    page.get_by_role("button", name="Fine-tune", exact=True).click()
    page.get_by_text(re.compile("Of 80 held-out items, the model from the base answers")).wait_for()
    bars = page.locator('.tinylm-plot[aria-label*="scratch"][aria-label*="fine-tuned"]').last
    assert "chance" in str(bars.get_attribute("aria-label"))

"""Text coloured as one types: the browser splits it exactly as the program does, and at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import opened_page
from tinylm.answers.tokens import DOCUMENTS
from tinylm.corpora import load
from tinylm.text.tokenizer import WIDEST, Tokenizer
from tinylm.training.prepare import learned_tokenizer

TEXTS = (
    "The capital of France is Paris.",
    "don't we'll they've I'm 'quoted' can't",
    "Äpfel, größer, naïve café, Ελληνικά, русский",
    "小さな犬 ينام الكلب छोटा कुत्ता",
    "🐶💤🏠👨‍👩‍👧‍👦 e\u0301",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &amp; %{x}",
    "many     spaces\n\n\tand\ttabs  \n end ",
    "no\u00a0break\u2003em\u3000wide\u0085next\ufeffmark\u001cunit\u200bzero",
    "12345 3.14 1234567.89 ½ ² Ⅷ",
    "Donaudampfschifffahrtsgesellschaft" * 3,
    "a",
)
SLOWEST = 200  # milliseconds for 2,000 characters

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def page(home: Path) -> Iterator[Any]:
    with opened_page(home, 90_000, viewport={"width": 1280, "height": 900}) as opened:
        opened.goto("/tokens")
        opened.locator(".tinylm-tokens textarea").first.wait_for()
        yield opened


@pytest.fixture(scope="module")
def tokenizer(home: Path, page: Any) -> Tokenizer:
    """The vocabulary that the page shows: learned once, and kept in the home."""
    return learned_tokenizer(load("world", DOCUMENTS), WIDEST, home).truncated(2048)


def type_in(page: Any, text: str) -> list[int]:
    """Put a text into the box; the ids that the browser found."""
    found = page.locator(".tinylm-tokens textarea").first.evaluate(
        """(area, text) => {
            area.value = text;
            area.dispatchEvent(new Event("input", { bubbles: true }));
            return area.closest(".tinylm-tokens").dataset.ids;
        }""",
        text,
    )
    ids: list[int] = json.loads(found)
    return ids


# Whether a plot that is seen is as wide as its place.
FITS = """() => [...document.querySelectorAll(".tinylm-plot")].some((plot) =>
  plot.clientWidth && Math.abs(plot._fullLayout?.width - plot.clientWidth) < 2)"""


@pytest.mark.parametrize("text", TEXTS)
def test_the_browser_splits_as_the_tokenizer_does(
    page: Any, tokenizer: Tokenizer, text: str
) -> None:
    assert type_in(page, text) == tokenizer.encode(text)
    assert page.locator(".tinylm-coloured span *").count() == 0
    assert page.locator(".tinylm-coloured script, .tinylm-coloured img").count() == 0


def test_two_thousand_characters_are_coloured_at_once(page: Any, tokenizer: Tokenizer) -> None:
    text = " ".join(document.text for document in load("world", 60).train)[:2000]
    times = []
    for edit in range(30):
        type_in(page, text[: -edit - 1])
        times.append(
            page.locator(".tinylm-tokens").first.evaluate(
                "node => Number(node.dataset.milliseconds)"
            )
        )
    p95 = sorted(times)[int(0.95 * len(times))]
    print(f"2,000 characters: p95 {p95:.1f} ms of {len(times)} edits")
    assert p95 < SLOWEST


def test_an_open_tab_stays_open_while_answers_come_and_go(page: Any) -> None:
    page.get_by_role("tab", name="Compression").click()
    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_text("Vocabulary of 2,112: ").wait_for()
    page.get_by_text("GPT-2 splits the same text").wait_for(state="hidden")
    assert page.get_by_role("tab", name="Compression", selected=True).count()
    page.wait_for_function(FITS)  # it was drawn while its tab was hidden
    terms = page.locator(".tinylm-terms")
    terms.locator("summary").click()
    assert terms.evaluate("node => node.open")
    page.get_by_role("link", name="Corpus").first.click()
    page.get_by_role("tab", name="Mix").click()
    page.get_by_role("button", name="Choose", exact=True).first.click()
    page.get_by_role("heading", name="Python's help topics", level=3).wait_for()
    page.get_by_text("Training words").wait_for()
    assert not terms.evaluate("node => node.open")
    assert page.get_by_role("tab", name="Mix", selected=True).count()

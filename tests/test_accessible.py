"""For everybody: axe finds nothing serious on any page, the keyboard reaches every control, and
no page is wider than a telephone.

Skipped where there is no Chromium, unless TINYLM_REQUIRE_BROWSER=1 says that there must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from pages.registry import EXPERIMENTS, LESSONS, TOOLS
from tests.browser import required_chromium, running_app, running_browser, wait_for_rest
from tests.runs_fakes import wait_until
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from ui.glossary import glossary

PAGES = ("", *(one.name for one in (*LESSONS, *EXPERIMENTS)), *TOOLS)
PATIENCE = 90_000
MOST_TABS = 200
WINDOW: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, with two finished runs."""
    required_chromium()
    home = tmp_path_factory.mktemp("home")
    with running_app(home) as started:
        service = Service(home)
        runs = [service.start(preset_config("tiny", seed=seed)) for seed in (1, 2)]
        for run in runs:
            wait_until(lambda run=run: service.run(run).status == "done", PATIENCE / 1000)
        service.close()
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as opened:
        yield opened


def window(browser: Any) -> Any:
    page = browser.new_page(**WINDOW)
    page.set_default_timeout(PATIENCE)
    return page


def settled(page: Any, address: str, name: str) -> None:
    """Open a page, and wait until it is at rest and has its terms and its plots."""
    page.goto(f"{address}/{name}")
    page.get_by_role("heading", level=1).wait_for()
    wait_for_rest(page)
    page.locator(".tinylm-terms").wait_for(state="attached")
    page.wait_for_function("() => !document.querySelector('.tinylm-plot:not([aria-label])')")


@pytest.fixture(scope="module")
def person(browser: Any) -> Any:
    """One for all pages: what a page has fetched, the next ones need not fetch again."""
    return browser.new_context(**WINDOW)


@pytest.fixture(scope="module", params=PAGES)
def lesson(request: pytest.FixtureRequest, person: Any, address: str) -> Iterator[Any]:
    """Each page in turn, opened once for all tests that look at all of them."""
    page = person.new_page()
    page.set_default_timeout(PATIENCE)
    settled(page, address, request.param)
    if request.param in {one.name for one in EXPERIMENTS}:  # the picture stands behind a guess
        page.get_by_text("Show me without guessing").first.click()
        page.locator(".tinylm-plot .main-svg").first.wait_for()
        wait_for_rest(page)
    yield page
    page.close()


def serious(page: Any) -> list[tuple[str, str, str]]:
    """What axe finds on a page."""
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"])
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_axe_finds_nothing_serious_on_any_page(lesson: Any) -> None:
    assert not serious(lesson)


# Whether text is lighter than what it stands on.
LIGHTER = """() => {
  const light = (color) => color.match(/[0-9.]+/g).slice(0, 3).reduce((sum, one) => sum + +one, 0);
  const style = getComputedStyle(document.querySelector('[data-testid=stApp]'));
  return light(style.color) > light(style.backgroundColor);
}"""


def test_axe_finds_nothing_serious_on_any_dark_page(lesson: Any) -> None:
    lesson.emulate_media(color_scheme="dark")
    lesson.wait_for_function(LIGHTER)
    wait_for_rest(lesson)
    assert not serious(lesson)


# Visible controls; of radio buttons, the arrow keys reach all but one.
UNREACHED = """() => [...document.querySelectorAll(
    'button, a[href], input, textarea, summary, [role=slider], [tabindex="0"]')]
  .filter((one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && !one.disabled && !one.closest('[inert]') && one.tabIndex >= 0 && !one.dataset.reached
    && one.type !== 'radio' && one.role !== 'radio')
  .map((one) => one.outerHTML.slice(0, 160))"""
# Within a table, the key goes from cell to cell.
MARK = """() => {
  document.activeElement.dataset.reached = 'yes';
  return document.activeElement !== document.body;
}"""


def test_the_keyboard_reaches_every_control(lesson: Any) -> None:
    ends = 0  # of the page: where a click was, the keyboard begins in its middle
    for _ in range(MOST_TABS):
        lesson.keyboard.press("Tab")
        ends += not lesson.evaluate(MARK)
        if ends == 2 or (ends and not lesson.evaluate(UNREACHED)):
            break
    assert not lesson.evaluate(UNREACHED)


FITS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .every((one) => one.scrollWidth <= one.clientWidth)"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways(lesson: Any, width: int) -> None:
    lesson.set_viewport_size({"width": width, "height": 844})
    lesson.wait_for_function(FITS, timeout=10_000)  # once it has taken the new width


def test_what_is_drawn_anew_does_not_grow_pale_at_once(lesson: Any) -> None:
    delay = lesson.evaluate(
        """() => {
            const element = document.querySelector('[data-testid=stElementContainer]');
            const before = element.dataset.stale;
            element.dataset.stale = "true";  // as Streamlit marks it while it is drawn
            const { transitionDelay } = getComputedStyle(element);
            element.dataset.stale = before;
            return transitionDelay;
        }"""
    )
    assert delay == "2s"


def test_a_term_is_explained_under_the_mouse_and_at_the_foot(browser: Any, address: str) -> None:
    page = window(browser)
    settled(page, address, "bet")
    page.wait_for_function("() => CSS.highlights.get('tinylm-terms')?.size > 0")
    word, x, y = page.evaluate(
        """() => {
            const [range] = CSS.highlights.get('tinylm-terms');
            const box = range.getClientRects()[0];
            return [range.toString().toLowerCase(), box.x + box.width / 2, box.y + box.height / 2];
        }"""
    )
    (term,) = (one for one in glossary() if word in (one.term, *one.forms))
    page.mouse.move(x, y)
    meaning = page.get_by_role("tooltip").filter(has_text=term.says)
    meaning.wait_for()
    page.keyboard.press("Escape")
    meaning.wait_for(state="hidden")
    page.get_by_text("The terms on this page").click()
    page.locator(".tinylm-terms dt", has_text=term.term).first.wait_for()
    page.close()


def test_no_term_is_explained_in_a_text_that_a_lesson_quotes(browser: Any, address: str) -> None:
    page = window(browser)
    settled(page, address, "bet")
    page.wait_for_function("() => CSS.highlights.get('tinylm-terms')?.size > 0")
    inside = page.evaluate(
        """() => {
            const quoted = document.querySelector('[class*=st-key-quoted]');
            return [...CSS.highlights.get('tinylm-terms')].map(
                (range) => quoted.contains(range.startContainer));
        }"""
    )
    assert inside and not any(inside)
    page.close()


def test_a_whole_card_is_the_link_to_its_lesson(browser: Any, address: str) -> None:
    page = window(browser)
    settled(page, address, "")
    text = page.get_by_text("learn a vocabulary, and see any text")
    text.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    text.click(force=True)  # what is there is the link and not the text
    page.get_by_role("heading", name="Tokens", level=1).wait_for()
    page.close()


def test_start_shows_the_answer_and_its_odds_on_the_first_screen(
    browser: Any, address: str
) -> None:
    page = window(browser)
    settled(page, address, "")
    last = page.locator(".tinylm-odds li").last
    last.wait_for()
    box = last.bounding_box()
    assert box is not None and box["y"] + box["height"] < 800
    page.close()

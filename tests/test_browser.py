"""The whole story once in a real browser, against the real server, workers and training.

Skipped where there is no Chromium, unless TINYLM_REQUIRE_BROWSER=1 says that there must be.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import ARGUMENTS, LOOK, required_chromium, running_app, wait_for_rest

UPDATES = 10  # of the plot, over which its zoom must stay
PATIENCE = 90_000

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def program() -> str:
    return required_chromium()


@pytest.fixture(scope="module")
def address(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with an empty home."""
    with running_app(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture(scope="module")
def browser(program: str, address: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A window that allows no request to any other place, and no script error.

    What it showed when a test failed is printed.
    """
    failed = request.session.testsfailed
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    strangers: list[str] = []
    errors: list[str] = []

    def note(request: Any) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            strangers.append(request.url)

    opened.on("request", note)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    if request.session.testsfailed > failed:
        print(opened.url, opened.inner_text("body"), sep="\n")
    context.close()
    assert not strangers
    assert not errors


def heading(page: Any, name: str) -> None:
    page.get_by_role("heading", name=name, level=1).wait_for()


def curve(page: Any) -> Any:
    """The live plot of the perplexity."""
    return page.locator('.tinylm-plot[aria-label*="Perplexity"] .main-svg').first


def steps_done(page: Any) -> int:
    text = page.get_by_text(re.compile(r"step [\d,]+ of")).first.inner_text()
    found = re.search(r"step ([\d,]+) of", text)
    assert found
    return int(found[1].replace(",", ""))


def wait_past(page: Any, step: int) -> None:
    """Until the page says that more steps are done than `step`."""
    page.wait_for_function(
        """least => {
            const text = document.body.innerText.match(/step ([\\d,]+) of/);
            return text && Number(text[1].replace(",", "")) > least;
        }""",
        arg=step,
        polling=LOOK,
    )


def test_the_main_story(page: Any, address: str) -> None:
    page.goto(address)
    heading(page, "What does pre-training buy?")
    # The recorded model, before anything was trained; above it stands "watch what it answers".
    page.get_by_text(re.compile("It answers")).wait_for()
    page.get_by_role("link", name="Be the model").last.click()
    heading(page, "Be the model")
    page.get_by_role("link", name="Next: Corpus").click()
    heading(page, "Corpus")
    page.get_by_text("worksheet").first.wait_for()
    # Until then the page is drawn anew for each size, and may be so at the moment of the click.
    unmeasured = "document.body.innerText.includes('being measured')"
    page.wait_for_function(f"() => !{unmeasured}", polling=LOOK)
    wait_for_rest(page)
    page.get_by_role("button", name="Train on this").click()
    train_and_watch(page)
    run_id = page.url.partition("run=")[2]
    reload_in_the_middle(page, run_id)
    pause_resume_stop(page)
    page.get_by_role("link", name="Prompt it").click()
    prompt(page)
    page.get_by_role("link", name="Next: Fine-tune").click()
    fine_tune(page)
    page.get_by_role("link", name="all four models").click()
    heading(page, "Prompts")
    page.get_by_role("radio", name="scratch", exact=True).first.wait_for()


def train_and_watch(page: Any) -> None:
    """Start, and see the curve move in the same node while its zoom stays."""
    heading(page, "Pre-train")
    page.get_by_role("radio", name="A few seconds").click()
    wait_for_rest(page, "Only that everything works")  # the settings are its own now
    page.get_by_text("Settings, by their names").click()
    steps = page.get_by_role("spinbutton", name=re.compile(r"^Steps"))
    steps.fill("20000")
    steps.press("Enter")
    page.get_by_text("Press Enter to apply").wait_for(state="hidden")
    page.get_by_role("button", name="Start training").click()
    curve(page).wait_for()
    wait_past(page, 20)
    page.wait_for_function("""() => {  // a plot is there before all of it is
        const plot = document.querySelector('.tinylm-plot[aria-label*="Perplexity"]');
        return plot?._fullLayout?.xaxis !== undefined;
    }""")
    page.evaluate("""() => {
        window.plot = document.querySelector('.tinylm-plot[aria-label*="Perplexity"]');
        return Plotly.relayout(window.plot, {"xaxis.range": [0, 12], "yaxis.range": [0, 4]});
    }""")
    for _ in range(UPDATES):
        before = page.evaluate("() => window.plot.data[0].x.at(-1)")
        further = "before => window.plot.data[0].x.at(-1) > before"
        page.wait_for_function(further, arg=before, polling=LOOK)
    kept = page.evaluate("""() => ({
        same: window.plot === document.querySelector('.tinylm-plot[aria-label*="Perplexity"]'),
        range: Array.from(window.plot.layout.xaxis.range),
    })""")
    assert kept == {"same": True, "range": [0, 12]}
    plot_by_keys_and_as_table(page)


def plot_by_keys_and_as_table(page: Any) -> None:
    """The keyboard moves and resets the plot; its numbers can be saved."""
    plot = page.locator('.tinylm-plot[aria-label*="Perplexity"]')
    plot.focus()
    plot.press("ArrowRight")
    page.wait_for_function("() => Math.abs(window.plot.layout.xaxis.range[0] - 1.2) < 0.01")
    plot.press("0")
    page.wait_for_function("() => window.plot.layout.xaxis.range[1] > 20")
    with page.expect_download() as saved:
        page.get_by_role("button", name="numbers as CSV").first.click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith('"series","Step"') and len(lines) > 20
    with page.expect_download() as saved:
        page.get_by_role("button", name="as a PNG picture").first.click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def reload_in_the_middle(page: Any, run_id: str) -> None:
    before = steps_done(page)
    page.reload()
    curve(page).wait_for()
    assert page.url.endswith(f"run={run_id}")
    wait_past(page, before)


def pause_resume_stop(page: Any) -> None:
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("The run was stopped").wait_for()


def prompt(page: Any) -> None:
    """The literal prompt without and with examples, and the accuracy on all held-out items."""
    heading(page, "Prompts")
    literal = page.get_by_test_id("stCode").first
    literal.wait_for()
    assert "\n" not in literal.inner_text().strip()
    slider = page.get_by_role("slider").first
    for _ in range(4):
        slider.press("ArrowRight")
    page.wait_for_function(  # as many of the four examples as fit into the tiny context
        """() => document.querySelector('[data-testid=stCode]')?.innerText.trim()
            .split("\\n").length > 1"""
    )
    wait_for_rest(page)
    page.get_by_role("button", name="rise", exact=True).click()
    page.get_by_role("button", name="Run the experiment", exact=True).click()
    page.locator('.tinylm-plot[aria-label*="k = 4"] .main-svg').first.wait_for()


def fine_tune(page: Any) -> None:
    heading(page, "Fine-tune")
    page.get_by_role("radio", name="8", exact=True).click()
    wait_for_rest(page, "After 8 labels")  # the question belongs to the settings
    page.get_by_role("button", name="the one from the base", exact=True).click()
    page.get_by_text("Your prediction").first.wait_for()
    page.get_by_role("button", name="Fine-tune", exact=True).click()
    page.get_by_text("With 8 labels").wait_for()
    page.get_by_text(re.compile("held-out items, the model from the base answers")).wait_for()


def test_text_in_an_address_is_shown_and_never_loaded(page: Any, address: str) -> None:
    page.goto(f"{address}/pretrain?run=![x](http://example.invalid/x.png)")
    page.get_by_role("alert").wait_for()
    page.get_by_role("button", name="Start training").wait_for()
    assert not page.locator("img[src*=example]").count()


def test_answers_carry_security_headers(address: str) -> None:
    with urllib.request.urlopen(f"{address}/") as answer:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "HttpOnly" in answer.headers["set-cookie"]
    with urllib.request.urlopen(f"{address}/assets/plotly.min.js") as answer:
        assert answer.status == 200

"""The teacher's page in Chromium: the key that hides controls, the projector's size, and axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import opened_page, wait_for_rest
from tests.fake_engine import FakeEngine
from tests.pages.teacher.test_board import fill
from tests.test_accessible import FITS, serious
from tinylm.runs.service import Service

PATIENCE = 60_000
CODE = "seven plums"
VIEWS = {  # a part of the page, and what stands in it
    "Link": "Only this computer reaches this server",
    "Plan": "Tick what your class",
    "Board": "learners are here",
    "Bets": "Nobody has bet yet",
    "Close": "When the lesson is over",
}

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page of a class of thirty, after the teacher has signed in."""
    home: Path = tmp_path_factory.mktemp("home")
    service = Service(home, engine=FakeEngine())
    fill(service)
    service.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYLM_TEACHER_CODE", CODE)
        patch.setenv("TINYLM_LEARNERS", "many")
        patch.setenv("TINYLM_WORKERS", "external")
        with opened_page(home, PATIENCE, viewport={"width": 1280, "height": 800}) as page:
            page.goto("/teacher")
            page.get_by_label("The teacher's code").fill(CODE)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name="Sign out").wait_for()
            yield page


def show(page: Any, view: str) -> None:
    page.get_by_role("radio", name=view, exact=True).click()
    wait_for_rest(page, VIEWS[view])


def test_axe_finds_nothing_serious_in_any_view_and_none_scrolls_sideways(teacher: Any) -> None:
    for view in VIEWS:
        show(teacher, view)
        teacher.wait_for_function("() => !document.querySelector('.tinylm-plot:not([aria-label])')")
        assert not serious(teacher), view
        teacher.set_viewport_size({"width": 390, "height": 844})
        teacher.wait_for_function(FITS, timeout=10_000)
        teacher.set_viewport_size({"width": 1280, "height": 800})


def test_a_key_hides_the_controls_but_not_while_one_types(teacher: Any) -> None:
    show(teacher, "Plan")
    side = teacher.locator("[data-testid=stSidebar]")
    field = teacher.get_by_role("spinbutton", name="A length of your own")
    field.click()
    teacher.keyboard.press("h")
    assert side.is_visible() and field.is_visible()
    teacher.get_by_role("heading", name="Teacher").click()
    teacher.keyboard.press("h")
    side.wait_for(state="hidden")
    field.wait_for(state="hidden")
    teacher.keyboard.press("h")
    side.wait_for(state="visible")


def test_the_switch_makes_the_letters_larger_on_all_pages(teacher: Any) -> None:
    size = "() => parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)"
    before = teacher.evaluate(size)
    teacher.get_by_text("Projector size").click()
    teacher.wait_for_function("() => document.querySelector('html.tinylm-projector')")
    teacher.get_by_role("link", name="Be the model").first.click()
    teacher.get_by_role("heading", name="Be the model", level=1).wait_for()
    assert teacher.evaluate(size) > 1.3 * before

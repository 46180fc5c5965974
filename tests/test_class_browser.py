"""Two browsers on one server for many: nobody sees or changes a thing of the other's.

There is no worker, so that what Ada starts waits for the whole time. Buttons are pressed at a few
addresses here, one of each kind; at all of them, without a browser, in tests/pages/test_class.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pages.registry import EXPERIMENTS, LESSONS, TOOLS
from tests.browser import LOOK, required_chromium, running_app, running_browser
from tests.fake_engine import FakeEngine
from tests.own_rows import review_rows
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.template import Template
from tinylm.experiments.base import LIVE_SEED
from tinylm.experiments.registry import experiment
from tinylm.learners import Viewer, name_of, new_code, shown_code
from tinylm.presets import preset_config
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PATIENCE = 60_000
SOON = 3_000  # milliseconds
ANSWERED = 500  # milliseconds after which a click has at least begun to change the page
PAGES = ("", *(one.name for one in (*LESSONS, *EXPERIMENTS)), *TOOLS)
LEAST = 5_000  # bytes that the server sends for a page
CHANGING = {"Pause", "Stop", "Resume", "Rename", "Delete"}
BUTTONS = "[data-testid=stMain] [data-testid^=stBaseButton]:visible"
ADA, BOB = new_code(), new_code()
TEXT = "\n".join(f"{asked}: {answer}." for asked, answer in review_rows()).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def service(home: Path) -> Iterator[Service]:
    made = Service(home, engine=FakeEngine(), immediate=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def ada(service: Service) -> Service:
    return service.seen_by(Viewer(name_of(ADA), alone=False))


@pytest.fixture(scope="module")
def things(ada: Service) -> dict[str, str]:
    """What Ada made before the server began: names and titles that only she may see."""
    text = ada.keep_text(TEXT, "Zebulon diary").name
    task = ada.keep_task(check_rows(review_rows()), "classification", Template(), "Zebulon reviews")
    done = ada.start(preset_config("tiny"), "Zebulon first run")
    sheets = experiment("sheets")
    trial = ada.start(sheets.config(sheets.arms[0], LIVE_SEED), "Zebulon trial")
    return {"text": text, "task": task.name, "done": done, "trial": trial}


@pytest.fixture(scope="module")
def address(home: Path, things: dict[str, str]) -> Iterator[str]:
    required_chromium()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYLM_LEARNERS", "many")
        patch.setenv("TINYLM_WORKERS", "external")
        with running_app(home) as found:
            yield found


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Any]:
    with running_browser() as opened:
        yield opened


class Window:
    """A window of a browser of its own, which has a code or none, and all that it was sent."""

    def __init__(self, browser: Any, address: str, code: str = "") -> None:
        context = browser.new_context(base_url=address)
        context.set_default_timeout(PATIENCE)
        if code:
            cookie = {"name": "tinylm_learner", "value": code, "httpOnly": True}
            context.add_cookies([cookie | {"domain": urlsplit(address).hostname, "path": "/"}])
        self.sent: list[bytes] = []
        self.page = context.new_page()
        self.page.on("websocket", lambda one: one.on("framereceived", self._keep))

    def _keep(self, frame: bytes | str) -> None:
        self.sent.append(frame if isinstance(frame, bytes) else frame.encode())

    def open(self, path: str) -> bytes:
        """Open a page, wait until it is at rest; returns all that the server sent for it."""
        self.sent.clear()
        self.page.goto(path)
        self.page.get_by_role("heading", level=1).wait_for()
        self.page.locator(".tinylm-terms").wait_for(state="attached")  # at the end of the page
        rest(self.page)
        return b"".join(self.sent)

    def press_everything(self, path: str, but: Collection[str] = ()) -> list[str]:
        """Press each button that stands in the middle of the page once; returns their names.

        Those are left out whose first word is among `but`.
        """
        from playwright.sync_api import TimeoutError  # here: without a browser there is no such

        def left() -> list[str]:
            names = [one for one in self.page.locator(BUTTONS).all_inner_texts() if one]
            return [one for one in names if one not in pressed and one.split()[0] not in but]

        pressed: list[str] = []
        self.open(path)
        while True:
            found = left()
            if not found:  # the last click may have been heard and not yet been answered
                self.page.wait_for_timeout(ANSWERED)
                rest(self.page)
                found = left()
            if not found:
                return pressed
            pressed.append(found[0])
            button = self.page.locator(BUTTONS).filter(has_text=found[0]).first
            try:
                if not button.is_enabled(timeout=SOON):
                    continue
                button.click(timeout=SOON)
            except TimeoutError:  # it went with the drawing that the last one asked for
                continue
            rest(self.page)
            if not self.page.url.endswith(path) or self.page.get_by_role("dialog").count():
                self.open(path)


def rest(page: Any) -> None:
    """Until the script has run to its end; questions wait for ever here, without a worker."""
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
        " === 'notRunning'",
        polling=LOOK,
    )


def test_nobody_sees_or_changes_a_thing_of_the_other(
    browser: Any, address: str, ada: Service, things: dict[str, str]
) -> None:
    adas, bobs = Window(browser, address, ADA), Window(browser, address, BOB)
    adas.open("/pretrain")
    adas.page.get_by_role("button", name="Start training").click()
    adas.page.wait_for_url("**run=*")
    waiting = adas.page.url.partition("run=")[2]
    assert b"Zebulon first run" in adas.open("/runs")
    secrets = {shown_id(one) for one in (*things.values(), waiting)}
    secrets |= {"Zebulon", name_of(ADA), ADA}
    for path in PAGES:
        sent = bobs.open(f"/{path}")
        found = [one for one in secrets if one.encode() in sent]
        assert len(sent) > LEAST and not found, f"/{path} shows {found}"

    def state() -> object:
        runs = [ada.run(one) for one in (things["done"], things["trial"], waiting)]
        return runs, ada.corpora(), ada.own_tasks(), ada.answers(name_of(ADA))

    before = state()
    both = f"/pretrain?run={waiting}&beside={things['done']}"
    done, text = f"/pretrain?run={things['done']}", f"/corpus?corpus={things['text']}"
    for path in (f"/pretrain?run={waiting}", both, done, text):
        pressed = bobs.press_everything(path)
        changing = [one for one in pressed if one.split()[0] in CHANGING]
        assert pressed and not set(changing) - {"Stop the film"}, path
    # Here Bob starts runs of his own. To stop those is his right, and would take the time.
    for path in (f"/finetune?run={things['done']}&task={things['task']}", "/sheets"):
        assert bobs.press_everything(path, but=CHANGING)
    assert state() == before
    bobs.open(f"/pretrain?run={waiting[:-1]}")
    bobs.page.get_by_text("There is no run").wait_for()


def test_a_code_brings_everything_to_another_device(
    browser: Any, address: str, things: dict[str, str]
) -> None:
    new = Window(browser, address)
    page = new.page
    page.goto("/return")
    page.get_by_label("Your code").fill("abcd-abcd-abcd-abcd")
    page.get_by_role("button", name="Come back").click()
    page.get_by_role("alert").filter(has_text="Nobody with this code was here").wait_for()
    page.get_by_label("Your code").fill(shown_code(ADA).upper())
    page.get_by_role("button", name="Come back").click()
    page.wait_for_url(f"{address}/")
    assert b"Zebulon diary" in new.open("/corpus")
    assert b"Zebulon first run" in new.open("/runs")

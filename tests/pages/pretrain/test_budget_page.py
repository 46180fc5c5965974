"""Pre-train in a class: its time is the first choice, and a run that waits says its place."""

from __future__ import annotations

import pytest

import ui.viewing
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.runs.budget import SECONDS_NOTE
from tinylm.runs.service import Service
from tinylm.runs.store.line import MANY, PAUSED

__all__ = ["open_page"]  # a fixture


@pytest.fixture
def ada(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A learner in a class, for whom the pages are drawn."""
    viewer = Viewer("ada", alone=False)
    monkeypatch.setattr(ui.viewing, "viewer", lambda: viewer)
    service.store.set_note(MANY, True)
    return service.seen_by(viewer)


def test_the_time_of_the_class_is_chosen_and_trained(
    open_page: Open, ada: Service, service: Service
) -> None:
    service.store.set_note(SECONDS_NOTE, 20)
    at = open_page("pretrain")
    assert not at.exception
    budget = ada.budget()
    assert budget is not None
    assert at.button_group[0].options[0] == "Your class: 20 seconds"
    assert f"**{budget.steps} updates**" in shown(at) and "a guess" in shown(at)
    at = click(at, "Start training")
    assert not at.exception and not at.error
    (run,) = ada.runs()
    assert run.config == budget.config(preset_config("glance"))
    assert run.title.endswith(f", {budget.steps} updates")


def test_without_a_time_of_the_class_all_is_as_before(open_page: Open, ada: Service) -> None:
    at = open_page("pretrain")
    assert at.button_group[0].value == ["quick"] or at.button_group[0].value == "quick"
    assert "Your class" not in at.button_group[0].options[0]


def test_a_run_that_waits_says_its_place_and_why_nothing_begins(
    open_page: Open, ada: Service, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "hand_over", lambda *_: None)  # nobody works on it
    before = service.store.create_run(preset_config("tiny"), owner="ben")
    mine = service.store.create_run(preset_config("tiny"), owner="ada")
    at = open_page("pretrain", run=mine)
    assert not at.exception
    bar = at.get("progress")[0].proto
    assert "in line" in bar.text
    service.store.set_note(PAUSED, True)
    service._lines.put("", (-1e9, {}))
    at = open_page("pretrain", run=mine)
    assert "the class is paused" in at.get("progress")[0].proto.text
    assert service.run(before).status == "queued"

"""The pages of experiments: each opens, asks, shows what was recorded, and goes through live."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.registry import EXPERIMENTS, LESSONS
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.experiments.base import LIVE_SEED
from tinylm.experiments.registry import experiment, experiments
from tinylm.learners import Viewer
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture
NAMES = [one.name for one in EXPERIMENTS]


def links(at: AppTest) -> list[str]:
    return [str(link.proto.label) for link in at.get("page_link")]


def test_every_experiment_has_a_page() -> None:
    assert set(NAMES) == set(experiments())


def test_a_lesson_leads_to_its_experiments_and_they_lead_back(open_page: Open) -> None:
    for one in EXPERIMENTS:
        (lesson,) = (lesson for lesson in LESSONS if lesson.name == one.deepens)
        if one.name == "sheets":
            assert f"Go deeper: **{one.title}**" in links(open_page(lesson.name))
            assert f"Back to the lesson **{lesson.title}**" in links(open_page(one.name))


def test_the_list_leads_to_every_experiment(open_page: Open) -> None:
    text = shown(open_page("experiments"))
    for one in EXPERIMENTS:
        assert one.learns in text


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_before_it_shows(open_page: Open, name: str) -> None:
    at = open_page(name)
    assert not at.exception
    assert "**Predict.**" in shown(at)
    assert not any("record" in str(part.value) for part in at.caption)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_its_recording_and_a_live_repetition(
    open_page: Open, service: Service, name: str
) -> None:
    trained(service)
    at = click(open_page(name), "Show me without guessing")
    assert not at.exception
    assert "recorded on" in shown(at)
    if any(button.label == "Run it here" for button in at.button):
        at = click(at, "Run it here")
        for _ in range(40):
            if not any(button.label == "Stop" for button in at.button):
                break
            at = at.run()
        assert not at.exception
        assert not at.error
        assert not any(button.label in ("Stop", "Go on") for button in at.button), "it ended"


def test_after_a_reload_what_trains_goes_on_and_can_be_stopped(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.viewing.viewer", lambda: Viewer("ada"))
    told = experiment("told")
    service.store.create_run(told.config(told.arms[0], LIVE_SEED), "begun before", "ada")
    at = click(open_page("told"), "Show me without guessing")
    assert any(button.label == "Stop" for button in at.button)
    at = click(at, "Stop").run()
    labels = [button.label for button in at.button]
    assert "Go on" in labels and "Stop" not in labels
    assert not at.exception

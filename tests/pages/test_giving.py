"""A teacher gives a run, a text and a task to the class, and takes them back, with one button."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import ui.viewing
from pages.own_task import keys
from tests.own_rows import review_rows
from tests.pages.corpus.test_own_text_page import button
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.template import Template
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture

EVE = Viewer("eve", alone=False, teacher=True)
ADA = Viewer("ada", alone=False)
GIVE, BACK = "Give it to the class", "Take it back from the class"


def seen_by(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.viewing, "viewer", lambda: viewer)
    monkeypatch.setattr(ui.viewing, "learner", lambda: viewer.name)


@pytest.mark.parametrize("page", ["runs", "corpus", "own_task"])
def test_what_a_teacher_made_is_given_to_the_class_and_taken_back(
    page: str, open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = service.seen_by(EVE)
    text = "\n".join(f"{asked}: {answer}." for asked, answer in review_rows()).encode()
    query = {
        "runs": {"run": eve.start(preset_config("tiny"), "Zebulon run")},
        "corpus": {"corpus": eve.keep_text(text, "Zebulon text").name},
        "own_task": {},
    }[page]
    eve.keep_task(check_rows(review_rows()), "classification", Template(), "Zebulon task")

    def opened() -> AppTest:
        at = open_page(page, **query)
        if page == "own_task" and any(one.key == keys.VIEW for one in at.button_group):
            at.session_state[keys.VIEW] = keys.KEPT
            at.run()
        return at

    seen_by(ADA, monkeypatch)
    at = open_page(page)
    assert not at.exception and "Zebulon" not in shown(at) and button(at, GIVE) is None
    seen_by(EVE, monkeypatch)
    at = click(opened(), GIVE)
    assert not at.exception and not at.error
    assert button(at, BACK) is not None
    seen_by(ADA, monkeypatch)
    at = opened()
    assert not at.exception and button(at, BACK) is None
    ada = service.seen_by(ADA)
    theirs = {
        "runs": [one.title for one in ada.runs()],
        "corpus": [one.title for one in ada.corpora().values()],
        "own_task": [one.title for one in ada.own_tasks()],
    }
    assert any("Zebulon" in title for title in theirs[page])
    seen_by(EVE, monkeypatch)
    at = click(opened(), BACK)
    assert not at.exception and not at.error and button(at, GIVE) is not None
    assert not ada.runs() and not ada.own_tasks() and len(ada.corpora()) == len(always(ada))


def always(service: Service) -> list[str]:
    """The corpora that everybody has."""
    return [name for name in service.corpora() if not name.startswith("upload-")]

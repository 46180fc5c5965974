"""The end of a class: everything of the learners goes; the teacher's and the class's own stays."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.you.stored import stored_of, told
from tests.pages.teacher.test_teacher_page import (
    CODE,
    TEACHER,
    _a_browser_with_a_name,
    code,
    teacher_page,
    view,
)
from tests.pages.test_pages import click, open_page, shown
from tinylm.learners import Viewer
from tinylm.presets import preset_config
from tinylm.questions.corpora import Download, Search
from tinylm.questions.models import Score
from tinylm.runs.closing import close
from tinylm.runs.service import Service
from tinylm.runs.store.line import MANY
from ui.frame import literal
from ui.whose import for_good

__all__ = ["CODE", "_a_browser_with_a_name", "code", "open_page", "teacher_page"]  # fixtures

TEXT = "\n\n".join(f"Line {n} says something of its own." for n in range(200)).encode()


@pytest.fixture
def a_class(service: Service) -> Service:
    """Two learners with runs, a text and answers; the teacher's and the class's own beside them."""
    for name in ("ada", "ben", TEACHER):
        service.store.meet(name)
        theirs = service.seen_by(Viewer(name, alone=False))
        theirs.start(preset_config("tiny"))
        theirs.set_answer(name, "predicted: loss", "rise")
    service.seen_by(Viewer("ada", alone=False)).keep_text(TEXT, "Secret of Ada")
    service.store.create_run(preset_config("tiny"), owner="ben")  # it waits
    service.start(preset_config("tiny"))  # of the class
    return service


def test_everything_of_learners_goes_and_the_rest_stays(a_class: Service) -> None:
    closed = close(a_class, [TEACHER])
    assert (closed.deleted.learners, closed.deleted.runs) == (2, 3)
    assert (closed.deleted.things, closed.deleted.answers) == (1, 2)
    assert (closed.stopped, closed.problems) == (1, ())
    assert {run.owner for run in a_class.store.runs()} == {TEACHER, ""}
    assert [one.name for one in a_class.store.learners()] == [TEACHER]
    assert a_class.store.answers("ada") == {}
    assert a_class.store.answers(TEACHER)
    assert not list(a_class.home.glob("uploads/*.json"))
    folders = {path.name for path in (a_class.home / "runs").iterdir()}
    assert folders == {run.id for run in a_class.store.runs()}


def test_what_cannot_be_deleted_is_said_and_the_others_go(
    a_class: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinylm.errors import StorageError
    from tinylm.runs import closing

    forget = closing.forget

    def fail_for_ada(service: Service, name: str) -> None:
        if name == "ada":
            raise StorageError("The folder cannot be written.")
        forget(service, name)

    monkeypatch.setattr(closing, "forget", fail_for_ada)
    closed = close(a_class, [TEACHER])
    assert closed.problems == ("The folder cannot be written.",)
    assert (closed.deleted.learners, closed.deleted.runs) == (1, 2)


def test_an_empty_class_has_nothing_to_delete(service: Service, teacher_page: AppTest) -> None:
    assert "nothing to delete" in shown(view(teacher_page, "Close"))


def test_the_page_says_what_would_go_and_what_went(a_class: Service, teacher_page: AppTest) -> None:
    at = view(teacher_page, "Close")
    assert "2 learners, 3 runs, 1 text or task, 2 bets and answers and 0 questions" in shown(at)
    at = click(at, "Close the class")
    assert a_class.store.runs(owners=("ada",))
    at = click(at, "Delete it all for good")
    assert not at.exception and not at.error
    assert "The class is closed. Deleted: 2 learners, 3 runs" in shown(at)
    assert not a_class.store.runs(owners=("ada", "ben"))


def test_a_copy_from_before_an_upgrade_is_named_before_anything_is_deleted(
    a_class: Service, teacher_page: AppTest
) -> None:
    at = click(view(teacher_page, "Close"), "Close the class")
    assert "Nobody can bring them back." in shown(at) and "upgrade" not in shown(at)
    copy = a_class.home / "tinylm.db.version-4-2026-11-29"
    copy.touch()
    at = click(view(teacher_page, "Close"), "Close the class")
    assert "Nobody can bring them back." not in shown(at)
    assert "A copy of the database from before an upgrade" in shown(at)
    assert f"Whoever runs the server can delete that copy: {literal(str(copy))}." in shown(at)
    assert "can delete these copies: one, two." in for_good(["one", "two"], where=True)


def test_a_visit_alone_is_no_class_to_be_closed_again(
    service: Service, teacher_page: AppTest
) -> None:
    service.store.meet("ada")
    text = shown(view(teacher_page, "Close"))
    assert "1 learner has been here and made nothing" in text and "0 runs" not in text


def test_what_was_only_typed_is_told_and_goes_too(service: Service, teacher_page: AppTest) -> None:
    """Questions to models stand in the store with what was typed for them."""
    service.store.meet("ada")
    ada = service.seen_by(Viewer("ada", alone=False))
    assert not stored_of(ada).anything
    ada.ask(Search("names", "Zebulon"))
    found = stored_of(ada)
    assert found.anything and "**1 question to models and texts**" in told(found)
    at = view(teacher_page, "Close")
    assert "1 question to models and texts" in shown(at) and "made nothing" not in shown(at)
    assert close(service, [TEACHER]).deleted.questions == 1
    assert not stored_of(ada).anything


def test_what_browsers_without_cookies_typed_is_told_and_goes_in_a_class(
    service: Service, teacher_page: AppTest
) -> None:
    of_class = service.start(preset_config("tiny"))
    typed, measured = Search("names", "Zebulon"), Score(of_class, 1, "capitals")
    text = Download("tinyshakespeare")
    service.seen_by(Viewer("", alone=False)).ask(typed)
    service.store.request([measured, text])
    teachers = service.seen_by(Viewer(TEACHER, alone=False))
    teachers.ask(hers := Search("names", "Ada"))
    close(service, [TEACHER])
    assert service.store.jobs([typed])  # of the one person who has the server
    service.store.set_note(MANY, True)
    text_shown = shown(view(teacher_page, "Close"))
    assert "0 bets and answers and 1 question to models and texts" in text_shown
    assert close(service, [TEACHER]).deleted.questions == 1
    assert not service.store.jobs([typed])
    assert len(service.store.jobs([hers, measured, text])) == 3
    assert service.run(of_class).id == of_class

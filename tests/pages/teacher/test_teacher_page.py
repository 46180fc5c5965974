"""The teacher's page: who gets in, and what a class of thirty looks like on it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.teacher import keys
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.recorded import minutes_of
from tinylm.runs.service import Service
from ui.plan import NOTE

__all__ = ["open_page"]  # a fixture

CODE = "seven plums"
TEACHER = "teacher-name"


@pytest.fixture(autouse=True)
def _a_browser_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.viewing.learner", lambda: TEACHER)


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TINYLM_TEACHER_CODE", CODE)
    return CODE


@pytest.fixture
def teacher_page(open_page: Open, code: str) -> AppTest:
    """The page after the teacher has signed in."""
    return signed_in(open_page("teacher"), code)


def signed_in(at: AppTest, code: str) -> AppTest:
    at.text_input[0].set_value(code)
    return click(at, "Sign in")


def view(at: AppTest, name: str) -> AppTest:
    at.session_state[keys.VIEW] = name
    return at.run()


def pages(at: AppTest) -> str:
    return " ".join(str(one.label) for one in at.button) + shown(at)


def test_without_a_code_a_sentence_says_how_to_set_one(open_page: Open) -> None:
    at = open_page("teacher")
    assert "TINYLM_TEACHER_CODE" in at.info[0].value
    assert not at.text_input and not at.exception


def test_a_short_code_is_refused_in_words(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYLM_TEACHER_CODE", "short")
    at = open_page("teacher")
    assert "at least 8 characters" in at.error[0].value
    assert not at.text_input


def test_a_wrong_code_shows_nothing_of_the_class(
    open_page: Open, service: Service, code: str
) -> None:
    trained(service)
    at = signed_in(open_page("teacher"), "another code")
    assert "not the teacher" in at.error[0].value
    assert [one.label for one in at.button] == ["Sign in"]
    assert not at.dataframe and not at.button_group


def test_the_code_opens_the_page_and_a_reload_keeps_it_until_she_signs_out(
    open_page: Open, teacher_page: AppTest
) -> None:
    assert not teacher_page.exception and not teacher_page.error
    assert "Sign in" not in pages(teacher_page)
    again = open_page("teacher")
    assert "Sign out" in pages(again)
    at = click(again, "Sign out")
    assert [one.label for one in at.button] == ["Sign in"]
    assert [one.label for one in open_page("teacher").button] == ["Sign in"]


def test_another_code_signs_everybody_out(
    open_page: Open, teacher_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_TEACHER_CODE", "eight plums")
    assert [one.label for one in open_page("teacher").button] == ["Sign in"]


def test_the_plan_is_saved_for_everybody_and_can_be_dropped(
    open_page: Open, service: Service, teacher_page: AppTest
) -> None:
    at = view(teacher_page, "Plan")
    assert not at.exception and not at.error
    at.session_state[keys.LESSONS] = ["bet", "pretrain"]
    at.session_state[keys.PRESETS] = ["tiny", "glance"]
    at.session_state[keys.SEED] = 3
    at.session_state[keys.BUDGET] = 20
    at = click(at.run(), "Save it for the class")
    assert not at.error
    kept = service.store.note(NOTE)
    assert kept == "lessons:bet,pretrain;presets:tiny,glance;given:seed=3"
    assert service.store.note("class/budget") == 20
    assert "the last model is done after about 5 min" in shown(at)
    minutes = sum(minutes_of(one) or 0 for one in ("bet", "pretrain"))
    assert f"2 lessons take one learner **about {minutes} minutes**" in shown(at)
    assert any(f"plan={kept}" in one.value for one in at.code)
    assert open_page("start").button[0].label == "Make this yourself →"
    at = open_page("pretrain")
    assert list(at.button_group[0].options) == ["A few seconds", "20 seconds"]
    at = click(view(open_page("teacher"), "Plan"), "Let the class see everything")
    assert service.store.note(NOTE) is None


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (keys.LESSONS, [], "at least one lesson"),
        (keys.SETTINGS, "n_layer", "key=value"),
        (keys.SETTINGS, "n_layer=99", "between 1 and"),
        (keys.SETTINGS, "corpus=world", "no setting"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(
    service: Service, teacher_page: AppTest, key: str, value: object, words: str
) -> None:
    at = view(teacher_page, "Plan")
    at.session_state[key] = value
    at = at.run()
    assert words in at.error[0].value.replace("\\", "")
    assert "Save it for the class" not in pages(at)
    assert service.store.note(NOTE) is None

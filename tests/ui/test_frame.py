"""The frame: an error that nobody foresaw is a sentence, and a text over a limit is said to be."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import Open, click, open_page  # noqa: F401
from tinylm.runs.service import Service
from ui import frame

UNFORESEEN = frame.unforeseen


@pytest.mark.parametrize("method", ["runs", "workers", "answers"])
def test_an_error_that_nobody_foresaw_is_a_sentence_on_the_page(
    open_page: Open,  # noqa: F811
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexError("a browser sent what no option is")

    monkeypatch.setattr(frame, "unforeseen", UNFORESEEN)
    monkeypatch.setattr(service, method, fail)
    at = open_page("runs" if method == "runs" else "pretrain")
    assert not at.exception
    if method == "runs":
        assert "reload the page" in at.error[0].value
        assert "a browser sent" in caplog.text


def test_an_action_that_fails_is_a_sentence_too(
    open_page: Open,  # noqa: F811
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TypeError("bytes for text")

    monkeypatch.setattr(frame, "unforeseen", UNFORESEEN)
    monkeypatch.setattr(service, "start", fail)
    at = click(open_page("pretrain"), "Start training")
    assert not at.exception
    assert "reload the page" in at.error[0].value


def test_lines_and_the_spaces_at_their_ends_are_kept_and_nothing_is_read_as_markup() -> None:
    assert frame.literal_lines(" one *\n\ntwo ") == r" one \*" + "  \n  \ntwo "
    coloured = frame.literal_lines("\tone\n\ntwo ", "blue")
    assert coloured == " :blue-background[one]  \n  \n:blue-background[two] "
    assert frame.literal_lines(" ", "blue") == " "


def test_workers_that_cannot_start_are_said_on_every_page(
    open_page: Open,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TINYLM_LONG_SLOTS", "0")
    for page in ("start", "pretrain", "runs"):
        at = open_page(page)
        assert "between 1 and 64" in at.error[0].value
        assert at.title


def test_a_text_over_its_limit_is_cut_with_a_word_about_it() -> None:
    def page() -> None:
        import streamlit as st

        from ui.widgets import within

        st.text(within("short", 10))
        st.text(within("x" * 2000, 10))

    at = AppTest.from_function(page).run()
    assert [text.value for text in at.text] == ["short", "x" * 10]
    assert [note.value for note in at.warning] == [
        "This has 2,000 characters. Only the first 10 are read."
    ]

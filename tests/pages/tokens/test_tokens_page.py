"""The page about tokens: a word is predicted before its tokens are shown."""

from __future__ import annotations

from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.runs.service import Service

__all__ = ["open_page"]


def test_the_word_is_shown_in_tokens_only_after_the_guess(
    open_page: Open, service: Service
) -> None:
    at = open_page("tokens")
    said = shown(at)
    assert "the word “strawberry”" in said
    assert "in GPT-2's vocabulary" not in said
    assert "strawberry" not in "".join(str(box.value) for box in at.text_area)
    at.number_input[0].set_value(2)
    at = click(at, "That is my guess")
    assert not at.exception and not at.error
    # The fake engine knows single bytes only, and a space stands before the word.
    said = shown(at)
    assert "You said *2 tokens*, it is 11 tokens: you were 5.5 times too low." in said
    assert "11 tokens (␣, s, t, r, a, w, b, e, r, r, y)" in said


def test_another_size_of_the_slider_does_not_ask_again(open_page: Open, service: Service) -> None:
    at = open_page("tokens")
    at.number_input[0].set_value(2)
    at = click(at, "That is my guess")
    at = at.slider[0].set_value(256).run()
    assert not at.exception
    assert "You said *2 tokens*" in shown(at)

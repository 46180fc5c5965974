"""Every longer text of the lesson by itself can be read once, and not only their mean."""

from __future__ import annotations

import pytest

from pages.explain.content import questions, statements
from tests.reading import GRADE, grade

TEXTS = {one.ask: one.answer for one in questions() if one.depth != "One sentence"}


@pytest.mark.parametrize("ask", TEXTS)
def test_each_model_answer_is_as_easy_as_the_lesson(ask: str) -> None:
    assert grade(TEXTS[ask]) <= GRADE


def test_statements_and_reasons_are_easy() -> None:
    text = "\n".join(f"{one.says} {one.because}" for one in statements())
    assert grade(text) <= GRADE

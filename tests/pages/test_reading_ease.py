"""A lesson's prose can be read once: Flesch-Kincaid grade 9 or lower."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import Open, open_page
from tests.reading import GRADE, grade, sentences

__all__ = ["open_page"]  # a fixture

# A lesson is added here once its prose is as easy, with the further views of its first choice.
LESSONS = {"explain": ("questions", "statements", "sheet")}
SENTENCES = 20  # prose of fewer sentences says little


def prose(at: AppTest) -> str:
    """The whole sentences that a page shows, without Markdown's signs, lists and code."""
    shown = [*at.markdown, *at.info, *at.success, *at.warning]
    lines = (line for part in shown for line in str(part.value).splitlines())
    found = []
    for line in lines:
        text = re.sub(r"\[([^]]*)\]\([^)]*\)|[*_`\\]|:[a-z-]+\[|\]", r"\1", line).strip()
        if (
            re.search(r"[.!?:]$", text)
            and len(text.split()) > 2
            and not line.lstrip().startswith("-")
        ):
            found.append(text)
    return "\n".join(found)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_prose_of_a_lesson_can_be_read_once(open_page: Open, lesson: str) -> None:
    at = open_page(lesson)
    shown = [prose(at)]
    shown += [prose(at.button_group[0].set_value(view).run()) for view in LESSONS[lesson]]
    text = "\n".join(shown)
    assert sentences(text) >= SENTENCES
    assert grade(text) <= GRADE

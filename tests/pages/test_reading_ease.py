"""A lesson's prose can be read once: Flesch-Kincaid grade 9 or lower.

Measured on all sentences that stand in a lesson's code, in every state that it can have; for the
last lesson, whose prose stands in files, also on what the page shows.
"""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.registry import EXPERIMENTS
from pages.registry import LESSONS as PATH
from tests.lesson_text import lesson_files, literals
from tests.lesson_text import sentences as written
from tests.pages.test_pages import Open, open_page
from tests.reading import GRADE, grade, sentences
from ui.real import real

__all__ = ["open_page"]  # a fixture

ALL = tuple(one.name for one in (*PATH, *EXPERIMENTS))
LESSONS = {"explain": ("questions", "statements", "sheet")}  # with further views
SENTENCES = 20  # prose of fewer sentences says little
FEWEST = 10  # sentences in the code of a lesson
HARDEST = 14.0  # the grade of a single long sentence
LONG = 12  # words


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


def in_code(lesson: str) -> list[str]:
    """The sentences in the code of a lesson, and those of its panel on real models."""
    said = [one.text for path in lesson_files(lesson) for one in literals(path) if " " in one.text]
    said += [fact.text for fact in real().facts.get(lesson, ())]
    return [sentence for text in said for sentence in written(text)]


@pytest.mark.parametrize("lesson", ["start", *ALL, "own_task", "runs", "teacher"])
def test_all_sentences_of_a_lesson_can_be_read_once(lesson: str) -> None:
    found = in_code(lesson)
    assert len(found) >= FEWEST or lesson == "runs"
    assert grade("\n".join(found)) <= GRADE


@pytest.mark.parametrize("lesson", ["start", *ALL, "own_task", "teacher"])
def test_no_single_sentence_of_a_lesson_is_far_harder(lesson: str) -> None:
    hard = [one for one in in_code(lesson) if len(one.split()) >= LONG and grade(one) > HARDEST]
    assert not hard

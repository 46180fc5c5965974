"""What the lesson says: complete, sourced, and about lessons that exist."""

from __future__ import annotations

import re

from pages.explain.content import DEPTHS, points, questions, sources, statements, word_lists
from pages.explain.figures import FIGURES
from pages.explain.model_answers import cited
from pages.registry import LESSONS

NAMES = {lesson.name for lesson in LESSONS}


def test_every_point_has_a_lesson_a_figure_and_rules() -> None:
    assert [point.name for point in points()] == list(FIGURES)
    assert {point.lesson for point in points()} <= NAMES
    assert all(point.rules and point.why for point in points())


def test_rules_use_no_word_in_capital_letters_but_the_two_that_mean_more() -> None:
    terms = [term for p in points() for r in p.rules for line in r.lines for term in line]
    assert {term for term in terms if term != term.lower()} == {"NO", "NUMBER"}
    assert not [term for term in terms if re.search(r"[^\w *]|^\*", term)]
    lists = word_lists()
    assert not lists.denials & lists.before


def test_there_are_questions_of_three_depths_with_sources() -> None:
    for depth in DEPTHS:
        assert sum(one.depth == depth for one in questions()) >= 3
    used = {name for one in questions() for name in one.sources}
    assert used == set(sources())
    assert all(one.sources for one in questions())
    assert all(one.address.startswith("https://") for one in sources().values())
    assert "Brown and others (2020): [Language Models" in cited("brown2020")


def test_the_depths_are_of_different_length() -> None:
    words = {
        depth: [len(q.answer.split()) for q in questions() if q.depth == depth] for depth in DEPTHS
    }
    sentence, paragraph, discussion = words.values()
    assert max(sentence) <= 30 < min(paragraph) <= max(paragraph) <= 110 < max(discussion)


def test_statements_are_true_and_false_and_named_once() -> None:
    assert len({one.name for one in statements()}) == len(statements()) >= 10
    assert 4 <= sum(one.true for one in statements()) <= len(statements()) - 4
    assert {one.lesson for one in statements()} <= NAMES

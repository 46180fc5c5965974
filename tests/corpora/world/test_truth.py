"""Statements that the made world knows to be right or wrong."""

from __future__ import annotations

import pytest

from tinylm.corpora.registry import preview
from tinylm.corpora.world.truth import Verdict, check, tally
from tinylm.corpora.world.world import default_world

WORLD = default_world()


def marked(text: str) -> list[tuple[str, bool, str]]:
    return [
        (text[s.mark_start : s.mark_end], s.verdict is Verdict.RIGHT, s.truth)
        for s in check(text, WORLD)
        if s.verdict is not Verdict.NOT_CHECKABLE
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The capital of France is Paris.", [("Paris", True, "")]),
        ("The capital of France is Rome.", [("Rome", False, "Paris")]),
        ("Rome is the capital of France.", [("Rome", False, "Paris")]),
        ("The book says that the capital of Italy is Rome.", [("Rome", True, "")]),
        ("A young cow is called a calf.", [("a calf", True, "")]),
        ("A young cow is called a foal.", [("a foal", False, "calf")]),
        ("France -> Paris\nItaly -> Paris\nSpain -> Madrid", None),
        ("The capital of France is Bakry.", [("Bakry", False, "Paris")]),
        ("The capital of France is Bak", []),
        ("The capital of Atlantis is Rome.", []),
        ("", []),
    ],
)
def test_statements(text: str, expected: list[tuple[str, bool, str]] | None) -> None:
    if expected is None:
        assert [right for _, right, _ in marked(text)] == [True, False, True]
    else:
        assert marked(text) == expected


def test_what_may_have_several_answers_is_left_alone() -> None:
    assert marked("France shares a border with Germany.") == []


def test_every_sentence_and_line_has_one_verdict() -> None:
    text = (
        "Maya read about countries. The capital of Peru is Lima. The capital of Chile is Lima.\n"
        "Once upon a"
    )
    found = check(text, WORLD)
    assert [text[s.start : s.end] for s in found] == [
        "Maya read about countries.",
        "The capital of Peru is Lima.",
        "The capital of Chile is Lima.",
        "Once upon a",
    ]
    assert tally(found) == (1, 1, 2)


def test_the_worlds_own_documents_hold_no_wrong_statement() -> None:
    found = [
        (s, document.text)
        for document in preview("world", "train", 0, 400)
        for s in check(document.text, WORLD)
    ]
    assert tally(s for s, _ in found).right > 400
    wrong = [(text[s.start : s.end], s.truth) for s, text in found if s.verdict is Verdict.WRONG]
    assert not wrong

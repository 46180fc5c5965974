"""Copies of a training text: coloured, and told from what any text repeats."""

from __future__ import annotations

from tinylm.questions.corpora import Copies, Copy
from ui.copies import compared, highlighted

TEXT = "once upon a time there was\n<b>a dog</b> that [barked](http://x.invalid)"


def test_copies_are_coloured_line_by_line_and_nothing_is_read_as_markup() -> None:
    found = highlighted(TEXT, [Copy(5, 33, 8, 0, 2)])
    assert found.startswith("once :blue-background[upon a time there was]  \n")
    assert found.count(":blue-background[") == 2
    assert "<b>" not in found and "[barked](" not in found


def copies(copied: int, words: int, longest: int) -> Copies:
    return Copies((Copy(0, 9, longest, 0, 3),) if longest else (), words, copied, 1_000_000)


def test_heart_learning_is_told_from_what_any_text_of_this_kind_repeats() -> None:
    unread = copies(10, 100, 12)
    assert "learned by heart" in compared(copies(95, 100, 60), unread)
    assert "phrases by heart" in compared(copies(60, 100, 15), unread)
    assert "about as much" in compared(copies(12, 100, 60), unread)
    assert "searched" in compared(copies(0, 10, 0), None)

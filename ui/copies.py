"""Which words of a text stand word for word in a training text: coloured, counted, and compared."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.corpora import preview
from tinylm.questions.corpora import Copies, Copy
from ui.asking import service
from ui.frame import literal_lines

LEAST = 8  # words of a copy
UNREAD = 8  # held-out documents to compare with
CONTROL = 2_000  # characters of these, at most
MORE = 0.2  # share of words beyond that of unread text from which on it counts as more
LONGER = 2  # times the longest copy in unread text: from there on it is learned by heart


def unread(corpus: str) -> str:
    """The beginning of held-out documents of the same corpus: what is copied there anyway?"""
    found = preview(corpus, "val", 0, UNREAD, home=service().home)
    return "\n\n".join(one.text for one in found)[:CONTROL]


def highlighted(text: str, copies: Sequence[Copy]) -> str:
    """Markdown: the text, with each copy on a coloured ground; none of it is read as markup."""
    parts, place = [], 0
    for copy in copies:
        parts.append(literal_lines(text[place : copy.start]))
        parts.append(literal_lines(text[copy.start : copy.end], "blue"))
        place = copy.end
    return "".join([*parts, literal_lines(text[place:])])


def copied_share(found: Copies) -> float:
    """The share of a text's words that are part of a copy."""
    return found.copied / found.words if found.words else 0.0


def times(number: int) -> str:
    """`once`, or `12 times`."""
    return "once" if number == 1 else f"{number:,} times"


def compared(found: Copies, control: Copies | None) -> str:
    """Markdown: whether the model copies more than a text of the same kind that it never read."""
    said = f"All {found.corpus_words:,} words that it read were searched. "
    if control is None or not control.words:
        return said
    own, other = copied_share(found), copied_share(control)
    most = control.longest.words if control.longest else 0
    said += (
        "Some copies are no sign of learning by heart, since people too write *once upon a time*. "
        f"In {control.words} words of held-out text of the same kind, which no training read, "
        f"{other:.0%} are part of such copies, and the longest copy has {most} words. "
    )
    longest = found.longest.words if found.longest else 0
    if own > other + MORE and longest >= LONGER * max(most, LEAST):
        return said + "So this model **repeats what it read**: much of it is learned by heart."
    if own > other + MORE:
        return said + (
            "So it keeps to well-worn phrases more than its text does, but its copies are hardly "
            "longer: it has learned phrases by heart, and no whole texts."
        )
    return said + "So it copies about as much as any text of this kind does, or less."

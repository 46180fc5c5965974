"""Which words of a text stand word for word in a training text: coloured, counted, and compared."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.corpora import preview
from tinylm.evaluation.memorising import Copying, copied_share, copying
from tinylm.questions.corpora import Copies, Copy
from tinylm.questions.models import Sample
from ui.asking import ask_all, service
from ui.frame import literal_lines

UNREAD = 8  # held-out documents to compare with
CONTROL = 2_000  # characters of these, at most
TEXTS = 4  # that a model writes to be searched: one alone may have fewer words than a copy needs
TOKENS = 120  # of each of them

CONCLUSIONS = {
    Copying.TEXTS: "So this model **repeats what it read**: much of it is learned by heart.",
    Copying.PHRASES: "So it keeps to well-worn phrases more than its text does, but its copies are "
    "hardly longer: it has learned phrases by heart, and no whole texts.",
    Copying.USUAL: "So it copies about as much as any text of this kind does, or less.",
}


def unread(corpus: str) -> str:
    """The beginning of held-out documents of the same corpus: what is copied there anyway?"""
    found = preview(corpus, "val", 0, UNREAD, home=service().home)
    return "\n\n".join(one.text for one in found)[:CONTROL]


def written(run: str, step: int, turn: int = 1) -> str:
    """TEXTS texts of a model, joined, others in each turn; "" until a worker has written them."""
    seeds = range(TEXTS * (turn - 1) + 1, TEXTS * turn + 1)
    texts = ask_all({one: Sample(run, step, "", TOKENS, seed=one) for one in seeds}, "Writing …")
    if len(texts) < TEXTS:
        return ""
    return "\n\n".join(texts[one].text.strip() for one in seeds)


def highlighted(text: str, copies: Sequence[Copy]) -> str:
    """Markdown: the text, with each copy on a coloured ground; none of it is read as markup."""
    parts, place = [], 0
    for copy in copies:
        parts.append(literal_lines(text[place : copy.start]))
        parts.append(literal_lines(text[copy.start : copy.end], "blue"))
        place = copy.end
    return "".join([*parts, literal_lines(text[place:])])


def times(number: int) -> str:
    """`once`, or `12 times`."""
    return "once" if number == 1 else f"{number:,} times"


def compared(found: Copies, control: Copies | None) -> str:
    """Markdown: whether the model copies more than a text of the same kind that it never read."""
    said = f"All {found.corpus_words:,} words and marks of the text it was given were searched. "
    how = copying(found, control)
    if control is None or how is None:
        return said
    most = control.longest.words if control.longest else 0
    said += (
        "Some copies are no sign of learning by heart, since people too write *once upon a time*. "
        f"In {control.words} words of held-out text of the same kind, which no training read, "
        f"{copied_share(control):.0%} are part of such copies, and the longest copy has {most} "
        "words. "
    )
    return said + CONCLUSIONS[how]

"""Documents that stand between those of a world: leaked test items and lines of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from tinylm.corpora.corpus import Document, Fact
from tinylm.corpora.world.choosing import hashed, share_of
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig

T = TypeVar("T")


def leaked(questions: Sequence[tuple[str, T]], share: float) -> list[tuple[str, T]]:
    """The share of the questions that stands in the text, chosen by their words."""
    return share_of(questions, share, lambda one: one[0])


def leaked_documents(world: World, share: float) -> list[Document]:
    """The leaked test items of the task *questions*, each written as the task writes it."""
    asked = [
        (relation.fill(relation.question, subject), (answer, Fact(relation.id, subject.name)))
        for relation in world.relations
        if not relation.joins
        for subject, answer in relation.facts.items()
        if subject in world.asked_about(relation)
    ]
    return [
        Document(f"Question: {question}\nAnswer: {answer}\n", "leaked", facts=(fact,))
        for question, (answer, fact) in leaked(asked, share)
    ]


def added_documents(world: World, text: TextConfig) -> list[Document]:
    """All that the settings add to a text, in an order in which the copies are spread evenly."""
    copies = [(one, text.leaked_copies) for one in leaked_documents(world, text.leaked)]
    copies += [(Document(one.line, "planted"), one.times) for one in text.planted_lines]
    placed = [
        ((number + hashed("place", one.text) / 2**64) / times, one)
        for one, times in copies
        for number in range(times)
    ]
    return [one for _, one in sorted(placed, key=lambda place: place[0])]


def among(documents: Iterable[Document], added: Sequence[Document]) -> tuple[Document, ...]:
    """The documents with the added ones in place of some of them, at equal distances.

    Raises BadRequest where more than half would be replaced.
    """
    found = list(documents)
    if 2 * len(added) > len(found):
        raise BadRequest(
            f"{len(added):,} documents are to be added to a text of {len(found):,}, and at most "
            "half can be: make fewer copies, or more documents."
        )
    for number, one in enumerate(added):
        found[(2 * number + 1) * len(found) // (2 * len(added))] = one
    return tuple(found)

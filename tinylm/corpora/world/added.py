"""Documents that stand between those of a world: leaked test items and lines of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import TypeVar

from tinylm.corpora.corpus import Document, Fact
from tinylm.corpora.world.choosing import hashed, share_of
from tinylm.corpora.world.world import Entity, Relation, World
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig

T = TypeVar("T")


def leaked(questions: Sequence[tuple[str, T]], share: float) -> list[tuple[str, T]]:
    """The share of the questions that stands in the text, chosen by their words."""
    return share_of(questions, share, lambda one: one[0])


def leaked_documents(world: World, share: float) -> list[Document]:
    """The leaked test items of the task *questions*, each written as the task writes it."""
    asked = _questions(world, lambda relation: world.asked_about(relation))
    return [_written(one, "leaked") for one in leaked(asked, share)]


def practice_documents(world: World) -> list[Document]:
    """The training items of the task *questions*, each written as the task writes it."""
    asked = _questions(world, lambda relation: relation.facts.keys() - relation.held_out)
    return [_written(one, "practice") for one in asked]


_Asked = tuple[str, tuple[str, Fact]]  # a question, its answer, and the fact that it asks for


def _questions(world: World, chosen: Callable[[Relation], Set[Entity]]) -> list[_Asked]:
    """The questions about the chosen subjects of each relation that the task asks about."""
    return [
        (relation.fill(relation.question, subject), (answer, Fact(relation.id, subject.name)))
        for relation in world.relations
        if not relation.joins
        for among_these in (chosen(relation),)
        for subject, answer in relation.facts.items()
        if subject in among_these
    ]


def _written(asked: _Asked, kind: str) -> Document:
    question, (answer, fact) = asked
    return Document(f"Question: {question}\nAnswer: {answer}\n", kind, facts=(fact,))


def added_documents(world: World, text: TextConfig) -> list[Document]:
    """All that the settings add to a text, in an order in which the copies are spread evenly."""
    copies = [(one, text.leaked_copies) for one in leaked_documents(world, text.leaked)]
    if text.practice:
        copies += [(one, text.practice) for one in practice_documents(world)]
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

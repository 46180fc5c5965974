"""Questions that need two facts: the capital of a neighbour of France."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tinylm.corpora.world.world import World
from tinylm.evaluation.tasks.base import Item, Task

# From a country to its neighbour, and from there to what the tables say about the neighbour.
PAIRS = (
    ("countries.neighbour", "countries.capital"),
    ("countries.neighbour", "countries.language"),
    ("countries.neighbour", "countries.currency"),
)
FEWEST = 12  # items that a composition needs, so that there are examples beside each of them


@dataclass(frozen=True)
class Composition:
    """Three tasks about the same items, in the same order: each step alone, and both at once."""

    first: str
    second: str
    one: Task
    two: Task
    whole: Task
    own: tuple[str, ...]  # for each item, what the second relation says of the first subject


def compositions(world: World) -> Iterator[Composition]:
    """The pairs of relations for which the tables of this world have enough items."""
    relations = {relation.id: relation for relation in world.relations}
    for first, second in PAIRS:
        if first not in relations or second not in relations:
            continue
        there = relations[first].facts
        on = {subject.name: answer for subject, answer in relations[second].facts.items()}
        own = {subject.name: on.get(subject.name) for subject in there}
        # Where both have the same answer, nobody could tell whether it took two steps.
        known = [
            (subject.name, middle, on[middle], own[subject.name] or "")
            for subject, middle in there.items()
            if middle in on and on[middle] != own[subject.name]
        ]
        if len(known) >= FEWEST:
            starts, middles, ends, skipped = zip(*known, strict=True)
            yield Composition(
                first,
                second,
                _task(first, starts, middles),
                _task(second, middles, ends),
                _task(f"{first}, {second}", starts, ends),
                skipped,
            )


def _task(name: str, asked: tuple[str, ...], answers: tuple[str, ...]) -> Task:
    """A worksheet task; an item is never an example in its own prompt (few_shot_prompt)."""
    choices = tuple(sorted(set(answers)))
    items = tuple(
        Item(one, choices, choices.index(answer), name)
        for one, answer in zip(asked, answers, strict=True)
    )
    return Task(name, name, "", train=items, test=items)

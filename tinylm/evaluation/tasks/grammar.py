"""Grammatical pairs: of two sentences that differ in one place, which one is grammatical."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tinylm.corpora.world.wording import sentence
from tinylm.corpora.world.world import Entity, World
from tinylm.evaluation.tasks.base import Item, Task, TaskFile

GRAMMAR_ITEMS = 100  # for each of its groups, in training and in test


def _grammar(world: World) -> Iterator[Task]:
    """Minimal pairs of untrue sentences. No document says them, so only grammar can help.

    As in BLiMP (Warstadt et al. 2020), the acceptable sentence should be more probable.
    """
    rng = random.Random("grammar")
    train: list[Item] = []
    test: list[Item] = []
    for group, spoil in (("article", _other_article), ("plural", _no_plural), ("order", _swapped)):
        pairs = sorted(set(_pairs(world, spoil)))
        rng.shuffle(pairs)
        items = [Item("", pair, 0, group) for pair in pairs[: 2 * GRAMMAR_ITEMS]]
        train += items[: len(items) // 2]
        test += items[len(items) // 2 :]
    yield Task(
        "grammar",
        "Grammatical pairs",
        "Of two sentences that differ in one place, the grammatical one should be likelier. What "
        "they say is untrue, so that only grammar can tell.",
        train=tuple(train),
        test=tuple(test),
        between="",
        answer_prefix="",
        after="",
        decide="ranked",
        max_fewshot=0,
    )


Spoil = Callable[[str, Entity], str]  # a pattern and its subject give a spoiled pattern


def _pairs(world: World, spoil: Spoil) -> Iterator[tuple[str, str]]:
    """Pairs (acceptable, spoiled) of sentences that give each subject the answer of another."""
    for relation in world.relations:
        if relation.constant or relation.symmetric or len(relation.answers) < 4:
            continue
        subjects = list(relation.facts)
        for i, subject in enumerate(subjects):
            answer = next(
                (
                    found
                    for other in (*subjects[i + 1 :], *subjects[:i])
                    if (found := relation.facts[other]) != relation.facts[subject]
                ),
                "",
            )
            untrue = replace(relation, facts={subject: answer})
            for pattern in relation.patterns:
                good, bad = untrue.fill(pattern, subject), spoil(pattern, subject)
                if bad and (spoiled := untrue.fill(bad, subject)) != good:
                    yield sentence(good), sentence(spoiled)


def _other_article(pattern: str, subject: Entity) -> str:
    """The pattern with "a" where "an" is right, and the reverse."""
    article, _, noun = subject.blanks["{a s}"].partition(" ")
    if subject.article or "{a s}" not in pattern:
        return ""
    return pattern.replace("{a s}", f"{'a' if article == 'an' else 'an'} {noun}")


def _no_plural(pattern: str, subject: Entity) -> str:
    """The pattern with a singular subject before a verb in the plural."""
    return pattern.replace("{s+}", subject.name) if pattern.startswith("{s+} ") else ""


def _swapped(pattern: str, subject: Entity) -> str:
    """The pattern with its first "the" behind the noun."""
    if not re.search(r"\bthe [a-z]+\b", pattern):
        return ""
    return re.sub(r"\bthe ([a-z]+)\b", r"\1 the", pattern, count=1)


TASKS = TaskFile(order=60, tasks_of=_grammar)

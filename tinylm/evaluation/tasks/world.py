"""The tasks that a made world teaches; what they ask never stood in its text in that form."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tinylm.corpora.world.languages import sentence_pairs
from tinylm.corpora.world.reviews import MOODS, review_items
from tinylm.corpora.world.wording import sentence
from tinylm.corpora.world.world import Entity, Relation, Sheet, World
from tinylm.evaluation.tasks.base import Item, Task

TRAIN_ITEMS, TEST_ITEMS = 600, 250  # of tasks whose items can be made without end
GRAMMAR_ITEMS = 100  # for each of its groups, in training and in test


def world_tasks(world: World) -> tuple[Task, ...]:
    """All tasks of `world`, as far as its folder has what they need."""
    tasks = [_facts(world), _questions(world)]
    tasks += [_kinds(world, sheet) for sheet in world.sheets if len(sheet.relations) > 1]
    tasks += _reviews(world)
    tasks += _translations(world)
    tasks.append(_grammar(world))
    return tuple(task for task in tasks if task.test)


# Facts and questions -------------------------------------------------------------------------


def _facts(world: World) -> Task:
    """Test items are the facts held out of worksheets: read, but never in this form."""
    return Task(
        "facts",
        "Facts",
        "Complete a worksheet line. Which relation is meant only the examples can tell.",
        train=_fact_items(world, held_out=False, asks=_subject),
        test=_fact_items(world, held_out=True, asks=_subject),
    )


def _questions(world: World) -> Task:
    return Task(
        "questions",
        "Questions",
        "Answer a question, in a form that never stands in the pre-training text.",
        train=_fact_items(world, held_out=False, asks=_question),
        test=_fact_items(world, held_out=True, asks=_question),
        before="Question: ",
        between="\nAnswer:",
    )


def _fact_items(
    world: World, *, held_out: bool, asks: Callable[[Relation, Entity], str]
) -> tuple[Item, ...]:
    return tuple(
        Item(asks(relation, subject), relation.answers, relation.answers.index(answer), relation.id)
        for relation in world.relations
        if not relation.joins
        for subject, answer in relation.facts.items()
        if (subject in relation.held_out) == held_out
    )


def _subject(relation: Relation, subject: Entity) -> str:
    return subject.name


def _question(relation: Relation, subject: Entity) -> str:
    return relation.fill(relation.question, subject)


# Kinds ---------------------------------------------------------------------------------------


def _kinds(world: World, sheet: Sheet) -> Task:
    """What kind of thing a word names: many classes of very different sizes."""
    labels = tuple(sorted({answer for r in sheet.relations for answer in r.answers}))

    def items(held_out: bool) -> tuple[Item, ...]:
        return tuple(
            Item(subject.name, labels, labels.index(answer))
            for relation in sheet.relations
            for subject, answer in relation.facts.items()
            if (subject in relation.held_out) == held_out
        )

    return Task(
        sheet.name,
        sheet.name.replace("_", " ").capitalize(),
        f"Sort words into {len(labels)} classes, of which some are common and some are rare.",
        train=items(False),
        test=items(True),
        metrics=("accuracy", "macro_f1"),
        contrast=_fact_items(world, held_out=False, asks=_subject),
    )


# Reviews -------------------------------------------------------------------------------------

Rows = tuple[tuple[str, str, str], ...]  # review, mood, topic


def _reviews(world: World) -> list[Task]:
    if world.reviews is None:
        return []
    train = review_items(world.reviews, False, TRAIN_ITEMS, seed=1)
    test = review_items(world.reviews, True, TEST_ITEMS, seed=1)
    topics = tuple(sorted(world.reviews.labels))

    def by_mood(rows: Rows) -> tuple[Item, ...]:
        return tuple(Item(text, MOODS, MOODS.index(mood)) for text, mood, _ in rows)

    def by_topic(rows: Rows) -> tuple[Item, ...]:
        return tuple(Item(text, topics, topics.index(topic)) for text, _, topic in rows)

    moods = Task(
        "moods",
        "Reviews by mood",
        "Is the review good or bad? The same sentences can be sorted by topic as well.",
        train=by_mood(train),
        test=by_mood(test),
        metrics=("accuracy", "macro_f1"),
        contrast=by_topic(train),
    )
    topics_task = replace(
        moods,
        name="topics",
        title="Reviews by topic",
        description="What is the review about? The same sentences can be sorted by mood as well.",
        train=moods.contrast,
        test=by_topic(test),
        contrast=moods.train,
    )
    return [moods, topics_task]


# Translation ---------------------------------------------------------------------------------


def _translations(world: World) -> list[Task]:
    if world.languages is None:
        return []
    names = [language.name for language in world.languages.languages]
    pairs = {
        name: tuple(
            sentence_pairs(world.languages, name, held_out, number, seed=1)
            for held_out, number in ((False, TRAIN_ITEMS), (True, TEST_ITEMS))
        )
        for name in names
    }
    found = []
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        train, test = (tuple(Item(a, (b,), 0) for a, b in rows) for rows in pairs[name])
        found.append(
            Task(
                f"to_{name.lower()}",
                f"Translation into {name}",
                f"Translate into {name}, an invented language with a word order and endings of "
                "its own.",
                train=train,
                test=test,
                metrics=("bleu", "accuracy"),
                contrast=tuple(Item(a, (b,), 0) for a, b in pairs[other][0]),
            )
        )
    return found


# Grammar -------------------------------------------------------------------------------------


def _grammar(world: World) -> Task:
    """Minimal pairs about things that are not so, which no document says: only grammar helps.

    As in BLiMP (Warstadt et al. 2020), the acceptable sentence should be the likelier one.
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
    return Task(
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
    """(acceptable, spoiled) sentences that state, of each subject, another one's answer."""
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
    """a for an, and an for a."""
    article, _, noun = subject.blanks["{a s}"].partition(" ")
    if subject.article or "{a s}" not in pattern:
        return ""
    return pattern.replace("{a s}", f"{'a' if article == 'an' else 'an'} {noun}")


def _no_plural(pattern: str, subject: Entity) -> str:
    """One where the verb speaks of many."""
    return pattern.replace("{s+}", subject.name) if pattern.startswith("{s+} ") else ""


def _swapped(pattern: str, subject: Entity) -> str:
    """The article behind its noun."""
    if not re.search(r"\bthe [a-z]+\b", pattern):
        return ""
    return re.sub(r"\bthe ([a-z]+)\b", r"\1 the", pattern, count=1)

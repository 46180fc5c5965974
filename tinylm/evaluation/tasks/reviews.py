"""Reviews: the same sentences sorted by mood and by topic; the examples tell which is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tinylm.corpora.world.reviews import MOODS, review_items
from tinylm.corpora.world.world import World
from tinylm.evaluation.tasks.base import TEST_ITEMS, TRAIN_ITEMS, Item, Task, TaskFile

Rows = tuple[tuple[str, str, str], ...]  # review, mood, topic


def _reviews(world: World) -> Iterator[Task]:
    """Two tasks, each the contrast of the other."""
    if world.reviews is None:
        return
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
    yield moods
    yield replace(
        moods,
        name="topics",
        title="Reviews by topic",
        description="What is the review about? The same sentences can be sorted by mood as well.",
        train=moods.contrast,
        test=by_topic(test),
        contrast=moods.train,
    )


TASKS = TaskFile(order=40, tasks_of=_reviews)

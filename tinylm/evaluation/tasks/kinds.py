"""Kinds: which kind of thing a word names; many classes of very different sizes."""

from __future__ import annotations

from collections.abc import Iterator

from tinylm.corpora.world.world import Sheet, World
from tinylm.evaluation.tasks.base import Item, Task, TaskFile
from tinylm.evaluation.tasks.facts import fact_items, facts_of, subject_alone


def _kinds(world: World) -> Iterator[Task]:
    """One task for each worksheet that mixes several relations."""
    return (_of_sheet(world, sheet) for sheet in world.sheets if len(sheet.relations) > 1)


def _of_sheet(world: World, sheet: Sheet) -> Task:
    labels = tuple(sorted({answer for r in sheet.relations for answer in r.answers}))

    def items(held_out: bool) -> tuple[Item, ...]:
        return tuple(
            Item(subject.name, labels, labels.index(answer))
            for relation in sheet.relations
            for subject, answer in facts_of(world, relation, held_out=held_out)
        )

    return Task(
        sheet.name,
        sheet.name.replace("_", " ").capitalize(),
        f"Sort words into {len(labels)} classes, of which some are common and some are rare.",
        train=items(False),
        test=items(True),
        metrics=("accuracy", "macro_f1"),
        contrast=fact_items(world, held_out=False, asks=subject_alone),
    )


TASKS = TaskFile(order=30, tasks_of=_kinds)

"""Translation: sentences into each of the world's invented languages."""

from __future__ import annotations

from collections.abc import Iterator

from tinylm.corpora.world.languages import sentence_pairs
from tinylm.corpora.world.world import World
from tinylm.evaluation.tasks.base import TEST_ITEMS, TRAIN_ITEMS, Item, Task, TaskFile


def _translations(world: World) -> Iterator[Task]:
    """One task for each language; its contrast is translation into the next one."""
    if world.languages is None:
        return
    names = [language.name for language in world.languages.languages]
    pairs = {
        name: tuple(
            sentence_pairs(world.languages, name, held_out, number, seed=1)
            for held_out, number in ((False, TRAIN_ITEMS), (True, TEST_ITEMS))
        )
        for name in names
    }
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        train, test = (tuple(Item(a, (b,), 0) for a, b in rows) for rows in pairs[name])
        yield Task(
            f"to_{name.lower()}",
            f"Translation into {name}",
            f"Translate into {name}, an invented language with a word order and endings of "
            "its own.",
            train=train,
            test=test,
            metrics=("bleu", "accuracy"),
            contrast=tuple(Item(a, (b,), 0) for a, b in pairs[other][0]),
        )


TASKS = TaskFile(order=50, tasks_of=_translations)

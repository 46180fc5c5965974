"""Which tasks a corpus can teach, by name."""

from __future__ import annotations

from functools import lru_cache

from tinylm.corpora.world import default_world
from tinylm.errors import NotFound
from tinylm.evaluation.task import Item, Task
from tinylm.evaluation.world_tasks import world_tasks

__all__ = ["Item", "Task", "task", "tasks_for", "world_tasks"]


def tasks_for(corpus_name: str) -> tuple[Task, ...]:
    """The tasks that a corpus can teach; none for texts without known answers."""
    return _world_tasks() if corpus_name == "world" else ()


def task(corpus_name: str, name: str) -> Task:
    """One task by name. Raises NotFound."""
    found = tasks_for(corpus_name)
    for one in found:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in found)
    raise NotFound(
        f"{corpus_name!r} has no task {name!r}; its tasks are {names}."
        if names
        else f"{corpus_name!r} is text without known answers, so it has no tasks."
    )


@lru_cache(maxsize=1)
def _world_tasks() -> tuple[Task, ...]:
    return world_tasks(default_world())

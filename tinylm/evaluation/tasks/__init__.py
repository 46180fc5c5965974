"""Which tasks a corpus can teach, by name; each module here makes some of them."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from tinylm.corpora import world_of
from tinylm.corpora.world.world import World
from tinylm.discovery import offered
from tinylm.errors import NotFound
from tinylm.evaluation.tasks.base import Item, Task, TaskFile
from tinylm.home import home_dir

__all__ = ["Item", "Task", "task", "tasks_for", "world_tasks"]


def tasks_for(corpus_name: str, home: Path | None = None) -> tuple[Task, ...]:
    """The tasks that a corpus can teach. Texts without known answers have none.

    `home` is the folder with the user's own worlds; by default it is that of the environment.
    """
    if world_of(corpus_name, home) is None:
        return ()
    return _tasks(corpus_name, Path() if corpus_name == "world" else home or home_dir())


def task(corpus_name: str, name: str, home: Path | None = None) -> Task:
    """One task by name. Raises NotFound."""
    found = tasks_for(corpus_name, home)
    for one in found:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in found)
    raise NotFound(
        f"{corpus_name!r} has no task {name!r}; its tasks are {names}."
        if names
        else f"{corpus_name!r} is text without known answers, so it has no tasks."
    )


def world_tasks(world: World) -> tuple[Task, ...]:
    """The tasks of `world` for which its tables and files have all that is needed."""
    found = (task for file in _task_files() for task in file.tasks_of(world))
    return tuple(task for task in found if task.test)


@cache
def _task_files() -> tuple[TaskFile, ...]:
    files = (one for one in offered(__name__, "TASKS") if isinstance(one, TaskFile))
    return tuple(sorted(files, key=lambda file: file.order))


@lru_cache(maxsize=8)
def _tasks(corpus_name: str, home: Path) -> tuple[Task, ...]:
    world = world_of(corpus_name, home)
    return world_tasks(world) if world is not None else ()

"""Which tasks a model can be asked, by name; each module here makes some of them."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from pathlib import Path

from tinylm.corpora import world_of
from tinylm.corpora.world.world import World
from tinylm.discovery import offered
from tinylm.errors import NotFound
from tinylm.evaluation.tasks.base import Item, Task, TaskFile
from tinylm.evaluation.tasks.own.store import is_own, kept_task, own_tasks, task_of
from tinylm.home import home_dir

_ONE_AFTER_ANOTHER = threading.RLock()
__all__ = ["Item", "Task", "is_own", "task", "tasks_for", "taught_by", "world_tasks"]


def tasks_for(corpus_name: str, home: Path | None = None) -> tuple[Task, ...]:
    """The tasks that a corpus can teach, then a person's own ones, which any model can be asked.

    Texts without known answers have only the latter. `home` is the folder with the own worlds and
    tasks; by default it is that of the environment.
    """
    folder = home or home_dir()
    return (*taught_by(corpus_name, folder), *own_tasks(folder))


def taught_by(corpus_name: str, home: Path | None = None) -> tuple[Task, ...]:
    """The tasks that a corpus can teach, without those that people brought."""
    folder = home or home_dir()
    return _known(corpus_name, folder, listed=True)


def task(corpus_name: str, name: str, home: Path | None = None) -> Task:
    """One task by name. Raises NotFound, and StorageError for an own task that is damaged."""
    if is_own(name):
        return task_of(kept_task(name, home or home_dir()))
    found = taught_by(corpus_name, home)
    for listed in (True, False):
        for one in _known(corpus_name, home or home_dir(), listed=listed):
            if one.name == name:
                return one
    names = ", ".join(one.name for one in found)
    raise NotFound(
        f"{corpus_name!r} has no task {name!r}; its tasks are {names}."
        if names
        else f"{corpus_name!r} is text without known answers, so it has no tasks of its own."
    )


def world_tasks(world: World, *, listed: bool = True) -> tuple[Task, ...]:
    """The tasks of `world` for which its tables and files have all that is needed.

    Without `listed`, those that stand in no list: experiments ask for them by name.
    """
    files = (file for file in _task_files() if file.listed is listed)
    found = (task for file in files for task in file.tasks_of(world))
    return tuple(task for task in found if task.test)


@cache
def _task_files() -> tuple[TaskFile, ...]:
    files = (one for one in offered(__name__, "TASKS") if isinstance(one, TaskFile))
    return tuple(sorted(files, key=lambda file: file.order))


def _known(corpus_name: str, home: Path, *, listed: bool) -> tuple[Task, ...]:
    """The tasks that a corpus can teach; nothing where it tells of no world."""
    if world_of(corpus_name, home) is None:
        return ()
    with _ONE_AFTER_ANOTHER:  # or each of thirty learners makes them, half a second of work
        return _tasks(corpus_name, Path() if corpus_name == "world" else home, listed)


@lru_cache(maxsize=16)
def _tasks(corpus_name: str, home: Path, listed: bool) -> tuple[Task, ...]:
    world = world_of(corpus_name, home)
    return world_tasks(world, listed=listed) if world is not None else ()

"""What people bring: texts, worlds, mixtures and tasks; and who is given those of before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tinylm.corpora import corpora_of
from tinylm.corpora.sources.mixtures import list_mixtures, mixture_weights
from tinylm.corpora.sources.own_worlds import owners_of_worlds, rename_owners
from tinylm.errors import StorageError
from tinylm.evaluation.tasks.own.store import kept_tasks
from tinylm.learners import name_of
from tinylm.runs.store import Store
from tinylm.runs.store.belongings import ADOPTED, Belonging

PATIENCE = 10.0  # seconds to wait for somebody else who keeps or deletes something
_KINDS = {"upload": "text", "large": "text", "made": "world", "mix": "mixture", "task": "task"}
_NAME = re.compile(f"({'|'.join(_KINDS)})-[0-9a-f]{{12}}")


def kind_of(name: str) -> str:
    """What a thing is that people bring: text, world, mixture or task; "" for all other names."""
    found = _NAME.fullmatch(name)
    return _KINDS[found[1]] if found else ""


@contextmanager
def one_after_another(home: Path) -> Iterator[None]:
    """Wait for others who keep, delete or give something: one may bring what another deletes.

    Raises StorageError where that takes too long, or the disk refuses.
    """
    lock = FileLock(home / ".belongings.lock")
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise StorageError(
            "Somebody else is keeping or deleting something large: try again in a moment."
        ) from None
    except OSError as error:
        raise StorageError(
            f"The folder {home} cannot be written ({error.strerror or error}): check its rights, "
            "and that its disk is not full."
        ) from error
    try:
        yield
    finally:
        lock.release()


def read_by(home: Path, store: Store) -> dict[str, set[str]]:
    """By name, the ids of the runs that read a corpus or learned a task; of mixtures, the parts."""
    parts = {one.name: tuple(mixture_weights(one.name, home)) for one in list_mixtures(home)}
    found: dict[str, set[str]] = {}
    for run in store.runs(None, 100_000, None):
        used = (run.corpus, run.config.task, *parts.get(run.corpus, ()))
        for name in filter(kind_of, used):
            found.setdefault(name, set()).add(run.id)
    return found


def needed(home: Path, store: Store) -> set[str]:
    """Names of corpora that somebody has in a list, or that a run or a mixture reads."""
    mixed = {part for one in list_mixtures(home) for part in mixture_weights(one.name, home)}
    return {*mixed, *read_by(home, store), *(one.name for one in store.belongings())}


def adopt_files(home: Path, store: Store) -> None:
    """Give what earlier versions kept to owners, once.

    A world belongs to whom its file names. Anything else belongs to the learner whose runs read
    it, if it is one; otherwise it is in nobody's list, and whoever is alone sees it all the same.
    """
    if store.note(ADOPTED):
        return
    codes = owners_of_worlds(home)
    owners = {run.id: run.owner for run in store.runs(None, 100_000, None)}
    readers = {name: {owners[run] for run in runs} for name, runs in read_by(home, store).items()}
    titles = {one.name: one.title for one in corpora_of(home).values() if kind_of(one.name)}
    titles |= {one.name: one.title for one in kept_tasks(home)}
    found = []
    for name, title in titles.items():
        who = {code} if (code := name_of(codes.get(name, ""))) else readers.get(name, set())
        if len(who) == 1 and (owner := next(iter(who))):
            found.append(Belonging(owner, kind_of(name), name, title))
    if store.adopt(found):
        rename_owners(home, {code: name_of(code) for code in codes.values() if name_of(code)})

"""Keeps own tasks: one JSON file each in <home>/tasks, whose name holds a hash of its content.

What was measured is known under the name of a task. So a task whose items or texts were changed is
another task, with a file of its own, and no old answer is taken for an answer to it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from tinylm.corpora.sources.stored import all_readable, encode_stored, read_stored
from tinylm.corpora.sources.uploads import clean_title, free_title
from tinylm.errors import NotFound, StorageError
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.evaluation.tasks.own.rows import Checked, Kind, Pair, Parts, has_runs, split
from tinylm.evaluation.tasks.own.template import Template, check_template
from tinylm.files import make_folder, write_whole

MAX_TITLE = 60  # characters
MAX_SHOTS = 8  # examples in a prompt
_NAME = re.compile(r"task-[0-9a-f]{12}")


class Kept(msgspec.Struct, frozen=True):
    """An own task as its file has it."""

    version: Literal[1]
    name: str
    title: str
    kind: Kind
    template: Template
    train: tuple[Pair, ...]
    test: tuple[Pair, ...]


def is_own(name: str) -> bool:
    """Whether a name has the form of an own task's name."""
    return _NAME.fullmatch(name) is not None


def save_task(checked: Checked, kind: Kind, template: Template, title: str, home: Path) -> Kept:
    """Split rows, and keep them as a task; where the same content is kept, it stays as it is.

    So nobody renames the task of somebody else. A title that another task has already gets a
    number. Raises BadRequest, StorageError.
    """
    check_template(template)
    kept = _made(kind, template, split(checked, kind))
    here = kept_tasks(home)
    if same := next((one for one in here if one.name == kept.name), None):
        return same
    taken = [one.title for one in here]
    free = free_title(clean_title(title, "My task"), taken, MAX_TITLE)
    kept = msgspec.structs.replace(kept, title=free)
    try:
        make_folder(_folder(home))
        write_whole(_folder(home) / f"{kept.name}.json", encode_stored(kept))
    except OSError as error:
        raise StorageError(
            f"The task could not be kept ({error.strerror or error}): free some space on the disk, "
            "or set TINYLM_HOME to a folder that you may write to."
        ) from error
    return kept


def kept_tasks(home: Path) -> list[Kept]:
    """The own tasks in `home`, sorted by title; damaged ones are left out."""
    found = all_readable(_folder(home), "task-*.json", kept_task, home)
    return sorted(found, key=lambda one: (one.title.casefold(), one.name))


def kept_task(name: str, home: Path) -> Kept:
    """One own task. Raises NotFound where it was deleted, StorageError where it is damaged."""
    path = _folder(home) / f"{name}.json"
    try:
        if not is_own(name):  # this also stops names such as ../x from becoming paths
            raise FileNotFoundError
        stamp = path.stat()
        kept = _read(path, stamp.st_mtime_ns, stamp.st_size)
    except FileNotFoundError:
        raise NotFound(
            f"The own task {name!r:.80} is not here any more: bring its rows again, and choose it."
        ) from None
    except OSError as error:
        raise StorageError(
            f"The own task {name} cannot be read: {error.strerror or error}."
        ) from error
    if kept is None:
        raise StorageError(f"The file of the own task {name} is damaged: bring its rows again.")
    return kept


@lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int) -> Kept | None:
    """The task in a file; None where it is damaged. A file that has `changed` is read again."""
    kept = read_stored(path, Kept)
    if kept is None or not kept.train or not kept.test:
        return None
    name = _name_of(kept.kind, kept.template, kept.train, kept.test)
    return kept if kept.name == path.stem == name else None


def delete_task(name: str, home: Path) -> None:
    """Delete an own task for good; models that learned it stay. Raises NotFound, StorageError."""
    if not is_own(name):
        raise NotFound(f"There is no own task {name!r:.80}: choose one of the list.")
    path = _folder(home) / f"{name}.json"
    try:
        path.unlink()
    except FileNotFoundError:
        raise NotFound(f"The own task {name} was deleted already.") from None
    except OSError as error:
        raise StorageError(f"The task could not be deleted: {error.strerror or error}.") from error


def sketch(kind: Kind, template: Template, parts: Parts) -> Task:
    """The task that these parts would make, which is not kept."""
    return task_of(_made(kind, template, parts))


def task_of(kept: Kept) -> Task:
    """The task that pages and measurements work with."""
    return _task(kept)


@lru_cache(maxsize=64)
def _task(kept: Kept) -> Task:
    labels = tuple(sorted({answer for _, answer in (*kept.train, *kept.test)}))
    places = {label: place for place, label in enumerate(labels)}

    def items(pairs: tuple[Pair, ...]) -> tuple[Item, ...]:
        if kept.kind == "free":
            return tuple(Item(asked, (answer,), 0) for asked, answer in pairs)
        return tuple(Item(asked, labels, places[answer]) for asked, answer in pairs)

    what = f"{len(labels)} labels" if kept.kind == "classification" else "free text as answers"
    return Task(
        kept.name,
        kept.title,
        f"A task made of a table, with {what}: {len(kept.train):,} items for training and "
        f"{len(kept.test):,} held out.",
        train=items(kept.train),
        test=items(kept.test),
        before=kept.template.before,
        between=kept.template.between,
        answer_prefix=kept.template.answer_prefix,
        after=kept.template.after,
        metrics=_metrics(kept),
        max_fewshot=min(MAX_SHOTS, len({asked for asked, _ in kept.train}) - 1),
    )


def _metrics(kept: Kept) -> tuple[str, ...]:
    if kept.kind == "classification":
        return "accuracy", "macro_f1"
    return ("bleu", "accuracy") if has_runs(kept.test) else ("accuracy",)


def own_tasks(home: Path) -> tuple[Task, ...]:
    """All own tasks in `home`, in the order of their titles."""
    return tuple(task_of(kept) for kept in kept_tasks(home))


# What is handed out -------------------------------------------------------------------------


def as_csv(kept: Kept) -> str:
    """The rows of a task as CSV, with the part that each belongs to."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("input", "label", "part"))
    for part, pairs in (("train", kept.train), ("test", kept.test)):
        writer.writerows((*pair, part) for pair in pairs)
    return text.getvalue()


def as_json(kept: Kept) -> str:
    """The whole task as JSON, as it is kept."""
    return encode_stored(kept).decode("utf-8")


# Helpers ------------------------------------------------------------------------------------


def _made(kind: Kind, template: Template, parts: Parts) -> Kept:
    name = _name_of(kind, template, parts.train, parts.test)
    return Kept(1, name, "", kind, template, parts.train, parts.test)


def _name_of(
    kind: Kind, template: Template, train: tuple[Pair, ...], test: tuple[Pair, ...]
) -> str:
    content = msgspec.json.encode((kind, template, train, test))
    return f"task-{hashlib.sha256(content).hexdigest()[:12]}"


def _folder(home: Path) -> Path:
    return home / "tasks"

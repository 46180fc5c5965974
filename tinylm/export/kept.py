"""The file of each format that pages offer of a run: the newest one, in this home and elsewhere.

What tells of a learner, such as a report with predictions, is a file of that learner's own.
"""

from __future__ import annotations

import math
import posixpath
from contextlib import suppress
from pathlib import Path

from tinylm import storage
from tinylm.files import write_whole
from tinylm.home import runs_dir

READER = 12  # characters of a learner's name in that of a file


def file_name(inner: str, reader: str, key: str, ending: str) -> str:
    """What a file is called: `RUN-FORMAT-KEY.ENDING`, or `RUN-FORMAT.READER-KEY.ENDING`."""
    return f"{inner}{_whose(reader)}-{key[:8]}{ending}"


def forget_reader(home: Path, reader: str, before: float = math.inf) -> None:
    """Remove the files of a learner that were made here before a time in seconds since 1970."""
    for path in runs_dir(home).glob(f"*/exports/*{_whose(reader)}-*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def forget_shared(reader: str) -> None:
    """Remove the files of a learner from the shared place, if there is one. Raises StorageError."""
    if (place := storage.shared()) is not None:
        for name in place.versions("runs"):
            if "/exports/" in name and f"{_whose(reader)}-" in name:
                place.remove(name)


def _whose(reader: str) -> str:
    return f".{reader[:READER]}" if reader else ""


def keep(path: Path, data: bytes) -> None:
    """Write a file, and remove the earlier ones of its format and learner.

    Where there is a shared place, it lies there, too. Raises OSError, StorageError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
    for other in _earlier(path):
        other.unlink(missing_ok=True)
    storage.take_file(path)
    if (place := storage.shared()) is not None:
        name = storage.name_in_home(path)
        for shared in place.versions(posixpath.dirname(name)):
            if shared != name and shared.startswith(name.rpartition("-")[0] + "-"):
                place.remove(shared)


def is_here(path: Path) -> bool:
    """Whether the file lies here, or could be brought from the shared place."""
    if not path.exists():
        storage.bring_file(path)
        for other in _earlier(path) if path.exists() else ():
            other.unlink(missing_ok=True)
    return path.exists()


def _earlier(path: Path) -> list[Path]:
    """The other files of this format in the folder."""
    same = path.stem.rpartition("-")[0]
    return [one for one in path.parent.glob(f"{same}-*") if one.name != path.name]

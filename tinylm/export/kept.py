"""The file of each format that pages offer of a run: the newest one, in this home and elsewhere."""

from __future__ import annotations

import posixpath
from pathlib import Path

from tinylm import storage
from tinylm.files import write_whole


def keep(path: Path, data: bytes) -> None:
    """Write a file `RUN-FORMAT-KEY.ENDING`, and remove the earlier ones of its format.

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

"""The JSON files in which sources keep what is known of a corpus; each source has its own type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from tinylm.errors import NotFound, StorageError

T = TypeVar("T")


def read_stored(path: Path, kind: type[T]) -> T | None:
    """The value of this type in a file; None if the file is damaged. Raises OSError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # covers bad UTF-8
        return None


def encode_stored(value: msgspec.Struct) -> bytes:
    """The content of a file that `read_stored` can read, with indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def all_readable(folder: Path, pattern: str, read: Callable[[str, Path], T], home: Path) -> list[T]:
    """`read(name, home)` for each file in `folder` that matches `pattern`, in order of names.

    Files for which `read` raises NotFound or StorageError are left out.
    """
    found = []
    for path in sorted(folder.glob(pattern)):
        try:
            found.append(read(path.stem, home))
        except (NotFound, StorageError):
            continue
    return found

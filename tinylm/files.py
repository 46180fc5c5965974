"""Writing files so that each is either complete or absent, also after a kill or a loss of power.

Until a system is told to flush a file, its bytes may be in memory alone, and so may the name under
which a folder lists it. Both are therefore flushed here. While something is being written, its name
says which process writes it, so that it can be removed once that process has ended.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from tinylm.process import is_gone, own_token

PART = ".part-"  # how the name of everything that is still being written begins


def write_whole(path: Path, data: bytes) -> None:
    """Write a temporary file in the same folder, then rename it to `path`.

    A reader sees the old file or the new one, never half of it. Raises OSError if the disk
    refuses, and then leaves no temporary file behind.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=part_prefix())
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        publish(Path(temporary), path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def publish(part: Path, path: Path) -> None:
    """Give a file, whose writing is over, its name. Raises OSError."""
    flush_file(part)
    os.replace(part, path)
    flush_folder(path.parent)


def flush_file(path: Path) -> None:
    """Return once the bytes of this file are on the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Return once the names in this folder are on the disk, where a system can be asked for that.

    Windows flushes names by itself, and some network drives refuse. Raises OSError.
    """
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing, and flush their names."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in reversed(missing):
        flush_folder(each.parent)


def part_prefix() -> str:
    """How the name of a file or folder begins that this process is still writing."""
    return f"{PART}{quote(own_token(), safe='')}-"


def parts_in(folder: Path) -> Iterator[Path]:
    """All files and folders below `folder` that are half-written."""
    for path, folders, files in os.walk(folder):
        yield from (Path(path, name) for name in (*folders, *files) if name.startswith(PART))
        folders[:] = [name for name in folders if not name.startswith(PART)]


def remove_parts(folder: Path, abandoned: Callable[[Path], bool] = lambda part: True) -> None:
    """Remove what is half-written below `folder`, where `abandoned` says so of it."""
    for part in parts_in(folder):
        if abandoned(part):
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):  # another worker removed it, or has it open
                    part.unlink()


def writer_is_gone(part: Path) -> bool:
    """Whether the process that was writing this has ended; earlier versions did not name it."""
    writer = unquote(part.name.removeprefix(PART).rpartition("-")[0])
    return not writer or is_gone(writer)

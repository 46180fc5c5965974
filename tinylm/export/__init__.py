"""Writes runs for other programs. Each format is one module of this package."""

from __future__ import annotations

import os
import shutil
import uuid
from functools import cache
from pathlib import Path

from tinylm.discovery import offered
from tinylm.errors import BadRequest, StorageError
from tinylm.export.base import ExportedRun, Format

__all__ = ["ExportedRun", "Format", "format_named", "formats", "write_export"]


@cache
def formats() -> tuple[Format, ...]:
    """All formats, in the order in which lists show them."""
    found = (one for one in offered(__name__, "FORMAT") if isinstance(one, Format))
    return tuple(sorted(found, key=lambda one: one.order))


def format_named(name: str) -> Format:
    """The format with this name. Raises BadRequest where there is none."""
    for one in formats():
        if one.name == name:
            return one
    names = ", ".join(one.name for one in formats())
    raise BadRequest(f"There is no format {name!r}: choose one of {names}.")


def write_export(made: Format, run: ExportedRun, out: Path) -> list[Path]:
    """Write all files of one format into the folder `out`, or none; returns their paths.

    Raises BadRequest where `out` exists and is not an empty folder, StorageError where it cannot
    be written, and what the format itself raises, e.g. for a run without a checkpoint.
    """
    out = out.absolute()
    part = out.parent / f".{out.name}.{uuid.uuid4().hex[:8]}.part"
    try:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise BadRequest(f"{out} exists already: name a folder that is new or empty.")
        files = made.files(run)
        part.mkdir(parents=True)
        for name, data in files.items():
            (part / name).write_bytes(data)
        if out.exists():
            out.rmdir()
        os.replace(part, out)
    except OSError as error:
        raise StorageError(
            f"{out} cannot be written ({error.strerror or error}): name another folder, or free "
            "some space on the disk."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return [out / name for name in files]

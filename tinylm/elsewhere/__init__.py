"""Takes in models that were not trained here: from Hugging Face folders, GGUF files, own exports.

`prepare` writes the folder of a run and says what the run is; whoever calls it stores the run.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tinylm.elsewhere.base import Prepared
from tinylm.errors import BadRequest, StorageError
from tinylm.export.record import RECORD
from tinylm.files import part_prefix

__all__ = ["Prepared", "prepared"]


@contextmanager
def prepared(source: Path, home: Path, known: Collection[str] = ()) -> Iterator[Prepared]:
    """A run made of a folder or a GGUF file; `Prepared.folder` is removed unless it was moved.

    An export of our own comes back as the run that it was, and any other model as one that was
    made elsewhere. An export has the short names of its base, text and task; `known` are the whole
    names of what is here, among which they are looked up. Raises BadRequest for what cannot be
    imported, with the remedy, and StorageError where the home folder cannot be written to.
    """
    _check_readable(source)
    part = home / f"{part_prefix()}import"
    try:
        part.mkdir(parents=True)
        if source.is_dir() and (source / RECORD).exists():
            from tinylm.elsewhere.own import take_back

            yield take_back(source, part, known)
        else:
            yield _foreign(source, part)
    except OSError as error:
        raise StorageError(
            f"The model cannot be copied to {home} ({error.strerror or error}): free some space, "
            "or set TINYLM_HOME to another folder."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _foreign(source: Path, part: Path) -> Prepared:
    from tinylm.origin import MISSING

    try:
        from tinylm.elsewhere.foreign import take_in
    except ImportError:
        raise BadRequest(MISSING) from None
    return take_in(source, part)


def _check_readable(source: Path) -> None:
    """Raise BadRequest where there is nothing to read, or a file of it may not be read."""
    path = source
    try:
        if not source.exists():
            raise BadRequest(f"There is no file or folder {source}: check its name.")
        for path in sorted(source.iterdir()) if source.is_dir() else [source]:
            if path.is_file():
                with path.open("rb") as file:
                    file.read(1)
    except OSError as error:
        raise BadRequest(
            f"{path} cannot be read ({error.strerror or error}): give yourself the right to read "
            "it, or copy it."
        ) from None

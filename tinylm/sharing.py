"""Texts, worlds and tasks of one's own are the same in all homes that share a place.

What was added, changed or deleted in a home since the last look goes to the shared place, and what
others did there comes here. A list of what both had at the last look tells one from the other.
Where both sides changed a file, the shared one stays; a change outweighs a deletion.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

import msgspec
from filelock import FileLock

from tinylm import storage
from tinylm.errors import StorageError
from tinylm.files import write_whole
from tinylm.home import forget_vocabularies
from tinylm.storage import NotWhole, Storage, digest_of

FOLDERS = ("downloads", "mixtures", "tasks", "uploads", "worlds")
KEPT = ".shared.json"
_UNFINISHED = (".lock", ".part")

log = logging.getLogger("tinylm.sharing")


class _File(msgspec.Struct, frozen=True):
    digest: str
    size: int = -1  # of a file here that has this digest; -1: there is none
    changed: int = -1  # nanoseconds, by the clock of the file system


class _Kept(msgspec.Struct):
    """What this home and the place had in common when they were last compared."""

    place: str = ""  # its id
    files: dict[str, _File] = {}


def announce(home: Path) -> None:
    """Take there what was changed here; without such a change, the place is not asked."""
    place = storage.shared()
    if place is not None:
        kept = _read(home)
        if kept.place != place.id or _present(home, kept) != kept.files:
            compare(home)


def compare(home: Path) -> None:
    """Bring the home and the shared place to the same state, where there is one.

    Raises StorageError where the place or the disk refuses.
    """
    place = storage.shared()
    if place is None:
        return
    try:
        with FileLock(home / f"{KEPT}.lock"):
            kept = _read(home)
            if kept.place != place.id:
                kept = _Kept(place.id)
            here = _present(home, kept)
            there: dict[str, str] = {}
            for folder in FOLDERS:
                there |= place.versions(folder)
            place.check()  # after the look: nothing in the list may be missing with its drive
            for name in sorted({*here, *there, *kept.files}):
                _settle(place, home, name, here, there, kept.files)
            now = _present(home, kept, here)
            # What has changed here meanwhile is looked at next time; in common is what is there.
            common = {
                name: now[name] if name in now and now[name].digest == digest else _File(digest)
                for name, digest in there.items()
            }
            write_whole(home / KEPT, msgspec.json.encode(_Kept(place.id, common)))
    except OSError as error:
        raise StorageError(
            f"What is shared cannot be kept in {home} ({error.strerror or error}): free some space "
            "or check the permissions of the folder."
        ) from error


def _settle(
    place: Storage,
    home: Path,
    name: str,
    here: dict[str, _File],
    there: dict[str, str],
    before: dict[str, _File],
) -> None:
    """Bring one file to the same state on both sides."""
    mine = here[name].digest if name in here else None
    theirs, common = there.get(name), before[name].digest if name in before else None
    if mine == theirs:
        return
    if theirs is not None and theirs != common:
        try:
            place.bring(name, theirs, home / name)
        except NotWhole as problem:  # one file must not hold up all others
            log.warning("%s", problem)
            there.pop(name)
    elif mine is not None and mine != common:
        there[name] = place.take(home / name, name)
    elif mine is None:  # deleted here
        place.remove(name, common or "")
        there.pop(name, None)
    else:  # deleted there
        (home / name).unlink(missing_ok=True)
        forget_vocabularies(home)


def _present(home: Path, kept: _Kept, also: dict[str, _File] | None = None) -> dict[str, _File]:
    """The files that are here; the digests of those that have not changed are known."""
    known = [kept.files, also or {}]
    found: dict[str, _File] = {}
    for folder in FOLDERS:
        for path in _paths(home / folder):
            if path.name.startswith(".") or path.suffix in _UNFINISHED or not path.is_file():
                continue
            name = path.relative_to(home).as_posix()
            with contextlib.suppress(FileNotFoundError):  # it has just been deleted
                stat = path.stat()
                same = (
                    files[name]
                    for files in known
                    if name in files
                    and (files[name].size, files[name].changed) == (stat.st_size, stat.st_mtime_ns)
                )
                found[name] = next(same, None) or _File(
                    digest_of(path), stat.st_size, stat.st_mtime_ns
                )
    return found


def _paths(folder: Path) -> list[Path]:
    """All that lies below a folder; none where it is missing.

    Raises OSError where it cannot be read: what is in it would be taken for deleted.
    """

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # which has just been deleted
            raise error

    walked = os.walk(folder, onerror=refuse)
    return sorted(Path(top, name) for top, _, names in walked for name in names)


def _read(home: Path) -> _Kept:
    try:
        return msgspec.json.decode((home / KEPT).read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return _Kept()

"""A place that several machines share: what a worker elsewhere needs of a home lies there, too.

TINYLM_STORAGE names it, as a folder or as any address that fsspec knows. The home stays what it is,
and everything reads from there; this module takes files there and brings them from there. A file
lies under its path in the home and its digest, as `uploads/mine.txt@SHA-256`: a list says what is
there in which version, what is brought is checked, and a version is whole as soon as it has its
name.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import posixpath
import re
import threading
import time
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from tinylm.errors import StorageError, TinylmError
from tinylm.files import PART, part_prefix, publish, writer_is_gone

VERSION = 1
MARK = "tinylm-storage.json"
SLOW = 1.0  # seconds after which a try to open a place took long
REFUSED_FOR = 5.0  # seconds for which such a place, if it could not be opened, is not asked again
ABANDONED = 24 * 3600.0  # seconds after which nobody writes on
_NAME = re.compile(r"(.+)@([0-9a-f]{64})")
_ONE_AFTER_ANOTHER = threading.Lock()
_PASSWORD = re.compile(r"(://[^/:@\s]*):[^/\s]*@")


class Mark(msgspec.Struct):
    """The file that says that a place is tinylm's, and which of them it is."""

    version: int
    id: str


class NotWhole(StorageError):
    """The bytes that were brought are not those that were taken there."""


class Storage:
    """One shared place. Its methods raise StorageError where it cannot be used."""

    def __init__(self, address: str, *, make: bool = True) -> None:
        import fsspec  # here: who shares nothing need not wait for it

        self.shown = _shown(address)
        self._began = False  # whether this program began the place, and has not looked again
        with self._translated("used"):
            try:
                self.fs, self.root = fsspec.core.url_to_fs(address)
            except ValueError as error:
                raise StorageError(
                    "TINYLM_STORAGE is not an address that tinylm understands: write a folder that "
                    "all machines have, or for example s3://bucket/folder or sftp://host/folder."
                ) from error
            except ImportError as error:
                raise StorageError(
                    f"For the place in TINYLM_STORAGE a package is missing ({error}): install it "
                    "with pip, or name another place."
                ) from error
            self.id = self._mark(make)

    def _mark(self, make: bool) -> str:
        """The id of the place; where it has none, it gets one, or "" without `make`."""
        path = self._at(MARK)
        if not self.fs.exists(path):
            names = map(posixpath.basename, self._listed(self.root))
            there = [name for name in names if not name.startswith(PART)]
            if there and not self.fs.exists(path):  # another machine may have just begun the place
                raise StorageError(
                    f"The place {self.shown} holds files of something else: name an empty or new "
                    "folder in TINYLM_STORAGE."
                )
            if not make:
                return ""
            self.fs.makedirs(self.root, exist_ok=True)
            made = Mark(VERSION, uuid.uuid4().hex)
            part = self._at(f"{part_prefix()}{uuid.uuid4().hex[:8]}")
            self.fs.pipe_file(part, msgspec.json.encode(made))
            self.fs.mv(part, path)
            self._began = True
        found = self._read_mark()
        if found.version > VERSION:
            raise StorageError(
                f"The place {self.shown} is of version {found.version}, but this program reads "
                f"version {VERSION}: use the tinylm that wrote it, or name another place in "
                "TINYLM_STORAGE."
            )
        return found.id

    def _read_mark(self) -> Mark:
        try:
            return msgspec.json.decode(self.fs.cat_file(self._at(MARK)), type=Mark)
        except msgspec.MsgspecError:
            raise StorageError(
                f"The file {MARK} in {self.shown} is damaged: name another place in TINYLM_STORAGE."
            ) from None

    def check(self) -> None:
        """Raise StorageError where this place is not there any more, or is another one now.

        A drive that was taken away leaves an empty folder, in which all would seem deleted.
        """
        with self._translated("read"):
            self.fs.invalidate_cache()
            found = self._read_mark().id if self.fs.exists(self._at(MARK)) else ""
            if found and self._began:
                self.id, self._began = found, False  # another may have begun it as well, and later
            if found != self.id:
                raise StorageError(
                    f"The place {self.shown} is not there any more, or is another one now: connect "
                    "its drive again, or start tinylm anew to use what is there."
                )

    def versions(self, folder: str) -> dict[str, str]:
        """The digests of all files below a folder, by their paths in the home."""
        with self._translated("read"):
            self.fs.invalidate_cache()
            found = self.fs.find(self._at(folder))
        named = [_NAME.fullmatch(posixpath.relpath(path, self.root)) for path in found]
        # Objects may have any name, also one with .. in it, which must not lead out of the home.
        within = f"{folder}/"
        return {match[1]: match[2] for match in named if match and match[1].startswith(within)}

    def take(self, file: Path, name: str) -> str:
        """Put a file of the home there, in place of an earlier version; returns its digest."""
        digest = digest_of(file)
        target = self._at(f"{name}@{digest}")
        with self._translated("written"):
            self.fs.invalidate_cache()
            folder = posixpath.dirname(target)
            self.fs.makedirs(folder, exist_ok=True)
            # Of two machines that do this at once, neither removes what the other has just put.
            earlier = self._versions_of(name)
            if digest not in earlier:
                part = posixpath.join(folder, f"{part_prefix()}{uuid.uuid4().hex[:8]}")
                self.fs.put_file(str(file), part)
                self.fs.mv(part, target)
            for other in earlier.keys() - {digest}:
                self._remove(earlier[other])
            self._remove_parts(folder)
        return digest

    def bring(self, name: str, digest: str, file: Path) -> None:
        """Make this version of a file the home's own, after its bytes were checked.

        Raises NotWhole, and then the home is as it was before.
        """
        part = file.with_name(f"{part_prefix()}{uuid.uuid4().hex[:8]}")
        try:
            with self._translated("read"):
                file.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(FileNotFoundError):  # it has just been replaced
                    self.fs.get_file(self._at(f"{name}@{digest}"), str(part))
                if not part.exists() or digest_of(part) != digest:
                    raise NotWhole(
                        f"The file {name} in {self.shown} is damaged or was just replaced: if this "
                        "goes on, remove it there."
                    )
                publish(part, file)
        finally:
            part.unlink(missing_ok=True)

    def remove(self, name: str, digest: str = "") -> None:
        """Remove a file: this version of it, or all."""
        with self._translated("written"):
            self.fs.invalidate_cache()
            for version, path in self._versions_of(name).items():
                if digest in ("", version):
                    self._remove(path)

    def remove_folder(self, folder: str) -> None:
        """Remove all that lies below a folder."""
        with self._translated("written"):
            self.fs.invalidate_cache()
            if self.fs.exists(self._at(folder)):
                self.fs.rm(self._at(folder), recursive=True)

    def _versions_of(self, name: str) -> dict[str, str]:
        """The paths of a file in all its versions, by their digests."""
        found = {}
        for path in self._listed(posixpath.dirname(self._at(name))):
            match = _NAME.fullmatch(posixpath.relpath(path, self.root))
            if match and match[1] == name:
                found[match[2]] = path
        return found

    def _remove_parts(self, folder: str) -> None:
        for path in self._listed(folder):
            if posixpath.basename(path).startswith(PART) and writer_is_gone(Path(path)):
                self._remove(path)

    def sweep(self) -> None:
        """Remove what was left half-written: by processes of this machine, or a day ago by any.

        What is over a day old is told by the clock of the place.
        """
        with self._translated("written"):
            self.fs.invalidate_cache()
            found = self.fs.find(self.root)
            parts = [path for path in found if posixpath.basename(path).startswith(PART)]
            now = self._now() if parts else 0.0
            for path in parts:
                with contextlib.suppress(FileNotFoundError):  # it has just been given its name
                    if writer_is_gone(Path(path)) or now - self._modified(path) > ABANDONED:
                        self._remove(path)

    def _now(self) -> float:
        """The time by the clock of the place, which says when a file was written there."""
        probe = self._at(f"{part_prefix()}{uuid.uuid4().hex[:8]}")
        self.fs.pipe_file(probe, b"now")
        try:
            return self._modified(probe)
        finally:
            self._remove(probe)

    def _modified(self, path: str) -> float:
        """When a file was written, by the clock of the place; 0 where it does not say."""
        with contextlib.suppress(NotImplementedError):
            return float(self.fs.modified(path).timestamp())
        return 0.0

    def _listed(self, folder: str) -> list[str]:
        if not self.fs.exists(folder):
            return []
        self.fs.invalidate_cache()  # not every kind of place knows an argument for this
        paths: list[str] = self.fs.ls(folder, detail=False)
        return paths

    def _remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # another machine was faster
            self.fs.rm_file(path)

    def _at(self, name: str) -> str:
        return posixpath.join(self.root, name)

    @contextlib.contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        try:
            yield
        except TinylmError:
            raise
        except PermissionError as error:
            raise StorageError(
                f"The place {self.shown} may not be {done}: allow this user to read and write "
                "there, or name another place in TINYLM_STORAGE."
            ) from error
        except Exception as error:  # each kind of storage has errors of its own
            reason = _shown(str(error).partition("\n")[0])[:200] or type(error).__name__
            raise StorageError(
                f"The place {self.shown} cannot be {done} ({reason}): check that it can be "
                "reached, and the address in TINYLM_STORAGE."
            ) from error


def shared() -> Storage | None:
    """The place that TINYLM_STORAGE names; None where it names none. Raises StorageError."""
    address = os.environ.get("TINYLM_STORAGE", "").strip()
    if not address:
        return None
    with _ONE_AFTER_ANOTHER:  # or two threads begin one place
        return _REFUSALS.opened(address)


def look() -> Storage | None:
    """The same, but nothing is made there: a place that is not there yet has no id."""
    address = os.environ.get("TINYLM_STORAGE", "").strip()
    return Storage(address, make=False) if address else None


def wanted() -> bool:
    """Whether TINYLM_STORAGE names a place."""
    return bool(os.environ.get("TINYLM_STORAGE", "").strip())


class _Refusals:
    """Opens places, and remembers for a moment which could not be, where that took long."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, StorageError]] = {}

    def opened(self, address: str) -> Storage:
        when, error = self._known.get(address, (-math.inf, None))
        if error is not None and time.monotonic() - when < REFUSED_FOR:
            raise error
        began = time.monotonic()
        try:
            return _opened(address)
        except StorageError as refused:
            if (now := time.monotonic()) - began > SLOW:
                self._known[address] = now, refused
            raise


_REFUSALS = _Refusals()


@lru_cache(maxsize=4)
def _opened(address: str) -> Storage:
    return Storage(address)


def name_in_home(path: Path) -> str:
    """What a file of a run or of a large text is called in every home; "" for all others."""
    parts = path.parts
    at = len(parts) - 3  # .../runs/RUN/tokenizer.json and .../runs/RUN/checkpoints
    if path.parent.name == "exports":
        at -= 1  # .../runs/RUN/exports/FILE
    if at >= 0 and parts[at] == "runs":
        return "/".join(parts[at:])
    for at in (len(parts) - 2, len(parts) - 4):  # .../large/NAME.json, .../large/NAME/SUM/FILE
        if at >= 0 and parts[at] == "large":
            return "/".join(parts[at:])
    return ""


def take_file(path: Path) -> None:
    """Take a file of a run to the shared place, where there is one."""
    place, name = shared(), name_in_home(path)
    if place is not None and name:
        place.take(path, name)


def bring_file(path: Path) -> None:
    """Bring a file of a run that this home lacks, where there is a shared place that has it."""
    place, name = shared(), name_in_home(path)
    if place is None or not name or path.exists():
        return
    digest = place.versions(posixpath.dirname(name)).get(name)
    if digest is not None:
        place.bring(name, digest, path)


def digest_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _shown(text: str) -> str:
    """An address, or what a library says of it, for people to read: without a password."""
    return _PASSWORD.sub(r"\1:***@", text)

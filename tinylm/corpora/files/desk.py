"""Files that learners brought to a server: read one or two at a time, and not kept for long.

A session knows its batch by a name. What a session and the server may hold together is limited;
a batch that nobody looks at any more goes, and so does what a server left that was killed.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tinylm.corpora.files.reading import read_files, text_of
from tinylm.corpora.files.report import Brought, Report, plain_name
from tinylm.errors import BadRequest, NotFound, StorageError, TinylmError
from tinylm.files import part_prefix, remove_parts, writer_is_gone

MAX_FILES = 20  # of one batch: they share its time
AT_ONCE = 2  # batches that are being read; the others wait
MAX_BATCH = 60_000_000  # bytes of the files of one batch, and so of a session
MAX_HELD = 400_000_000  # bytes of the files of all batches of a server
FORGOTTEN_AFTER = 600.0  # seconds since a page last looked

log = logging.getLogger("tinylm.files")

Read = Callable[..., dict[int, Report]]


@dataclass
class _Batch:
    folder: Path
    files: dict[int, Brought]
    size: int
    reports: dict[int, Report] = field(default_factory=dict)
    problem: str = ""
    share: float = 0.0
    begun: bool = False
    looked: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    over: bool
    waits: bool  # for others to be read before it
    share: float
    names: tuple[str, ...]
    reports: tuple[Report, ...] = ()
    problem: str = ""  # why none of it could be read


class Desk:
    """The batches of one server, by name. It may be used from any thread."""

    def __init__(
        self, home: Path, *, read: Read = read_files, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._home = home / "reading"
        self._read = read
        self._now = now
        self._batches: dict[str, _Batch] = {}
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._folder: Path | None = None

    def bring(self, files: Sequence[tuple[str, memoryview]], *, whole: bool = False) -> str:
        """Take files in and begin to read them; returns the name of the batch.

        With `whole`, all columns of tables are read, and not one as text. Raises BadRequest where
        they are too many or too large, StorageError.
        """
        size = sum(len(data) for _, data in files)
        if len(files) > MAX_FILES:
            raise BadRequest(
                f"At most {MAX_FILES} files can be read at once; these are {len(files)}."
            )
        if size > MAX_BATCH:
            raise BadRequest(
                f"These files have {size / 1e6:.0f} MB together; at most {MAX_BATCH / 1e6:.0f} MB "
                "can be read at once: bring fewer."
            )
        with self._lock:
            self._forget_old()
            if size + sum(batch.size for batch in self._batches.values()) > MAX_HELD:
                raise BadRequest(
                    "Others are reading many large files just now: try again in a minute."
                )
            try:
                folder = Path(tempfile.mkdtemp(dir=self._own_folder()))
                brought = {}
                for number, (name, data) in enumerate(files):
                    path = folder / f"{number}.file"
                    path.write_bytes(data)
                    brought[number] = Brought(plain_name(name), str(path), whole=whole)
            except OSError as error:
                raise StorageError(
                    f"The files cannot be read ({error.strerror or error}): free some space on "
                    "the disk, or set TINYLM_HOME to a folder that you may write to."
                ) from error
            batch = _Batch(folder, brought, size, looked=self._now())
            self._batches[folder.name] = batch
        self._begin(batch, brought)
        return folder.name

    def look(self, name: str, wait: float = 0.0) -> Progress:
        """How far a batch is, after up to `wait` seconds. Raises NotFound."""
        batch = self._batch(name)
        batch.over.wait(wait)
        names = tuple(one.name for one in batch.files.values())
        if not batch.over.is_set():
            return Progress(False, not batch.begun, batch.share, names)
        reports = tuple(batch.reports[number] for number in sorted(batch.reports))
        return Progress(True, False, 1.0, names, reports, batch.problem)

    def choose(self, name: str, number: int, column: str, header: bool | None) -> None:
        """Read a table of a batch again, with another column or another first row."""
        batch = self._batch(name)
        old = batch.files[number]
        batch.files[number] = msgspec.structs.replace(old, column=column, header=header)
        self._begin(batch, {number: batch.files[number]})

    def text(self, name: str) -> bytes:
        """The text of all files of a batch that could be read. Raises NotFound."""
        batch = self._batch(name)
        return text_of(batch.folder, batch.reports)

    def drop(self, name: str) -> None:
        """Forget a batch, and stop reading it."""
        with self._lock:
            batch = self._batches.pop(name, None)
        if batch is not None:
            batch.cancelled.set()
            if batch.over.is_set():  # else it is removed when its process has ended
                shutil.rmtree(batch.folder, ignore_errors=True)

    def close(self) -> None:
        """Forget all batches."""
        for name in list(self._batches):
            self.drop(name)

    def _batch(self, name: str) -> _Batch:
        with self._lock:
            batch = self._batches.get(name)
            if batch is None:
                raise NotFound("These files are not held any more: choose them again.")
            batch.looked = self._now()
            return batch

    def _begin(self, batch: _Batch, files: Mapping[int, Brought]) -> None:
        batch.begun, batch.share, batch.problem = False, 0.0, ""
        batch.over.clear()
        work = threading.Thread(target=self._work, args=(batch, files), name="reading", daemon=True)
        work.start()

    def _work(self, batch: _Batch, files: Mapping[int, Brought]) -> None:
        done: set[int] = set()

        def on_progress(number: int, share: float) -> None:
            if share >= 1.0:
                done.add(number)
            batch.share = min(1.0, (len(done) + share % 1.0) / len(files))

        try:
            with self._turns:
                batch.begun = True
                batch.reports |= self._read(
                    files, batch.folder, on_progress, batch.cancelled.is_set
                )
        except TinylmError as error:
            batch.problem = str(error)
        except Exception:
            log.exception("files could not be read")
            batch.problem = "These files could not be read: choose them again."
        finally:
            batch.over.set()
            if batch.cancelled.is_set():
                shutil.rmtree(batch.folder, ignore_errors=True)

    def _forget_old(self) -> None:
        """Drop the batches that no page looks at any more; call it under the lock."""
        old = self._now() - FORGOTTEN_AFTER
        for name in [name for name, batch in self._batches.items() if batch.looked < old]:
            batch = self._batches.pop(name)
            batch.cancelled.set()
            shutil.rmtree(batch.folder, ignore_errors=True)

    def _own_folder(self) -> Path:
        """The folder of this server, after those of servers that are gone were removed."""
        if self._folder is None:
            self._home.mkdir(parents=True, exist_ok=True)
            remove_parts(self._home, writer_is_gone)
            self._folder = Path(tempfile.mkdtemp(dir=self._home, prefix=part_prefix()))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

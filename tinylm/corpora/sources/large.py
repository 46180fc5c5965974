"""Text files that are too large for memory: they stay where they lie, and are read in parts.

Such a text is one file in <home>/large, NAME.json, with what is known of the text file. NAME has
digits of the text's hash. Beside it stands the folder NAME with its token ids, which
`tinylm/training/streamed.py` writes: once they are whole, training no longer needs the text file.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec

from tinylm import storage
from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.files.report import MAX_BYTES
from tinylm.corpora.sizes import size_of_file
from tinylm.corpora.sources.base import CorpusSource, titles_but
from tinylm.corpora.sources.stored import all_readable, encode_stored, read_stored
from tinylm.corpora.sources.uploads import clean_title, free_title
from tinylm.corpora.streaming import Block, read_once, sampled, training_blocks
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.files import write_whole
from tinylm.recipe import TextSize

READ_ENDINGS = ("", ".txt", ".text", ".md")  # of plain text; all others have readers of their own
LOADED = 20_000  # training documents that are in memory where a page asks for the whole text
SAMPLE = 1_500_000  # characters from which the vocabulary is learned
_NAME = re.compile(r"large-[0-9a-f]{12}")
_TITLE_CHARACTERS = 60


class _Kept(msgspec.Struct, frozen=True):
    """What is known of a text file: the content of its JSON file."""

    version: Literal[1]
    name: str
    title: str
    path: str
    size: int
    changed: int  # when the file changed last, in nanoseconds
    characters: int
    sha256: str
    held_out: tuple[str, ...]


class LargeText:
    """A text that is read in parts."""

    def __init__(self, kept: _Kept, home: Path):
        self._kept, self._path = kept, Path(kept.path)
        self.size = kept.size
        self.folder = _folder(home) / kept.name

    def sample(self) -> Corpus:
        """Documents from everywhere in the text, for its vocabulary. Raises StorageError."""
        try:
            documents = tuple(map(Document, sampled(self._checked(), SAMPLE)))
        except OSError as error:
            raise _unreadable(self._path, error) from error
        return Corpus(_info(self._kept), documents, self.held_out().val)

    def held_out(self) -> Corpus:
        """The documents that no training reads, and none of the others."""
        return Corpus(_info(self._kept), (), tuple(map(Document, self._kept.held_out)))

    def blocks(self, place: int = 0) -> Iterator[Block]:
        """The training documents from a place in the file on. Raises StorageError."""
        try:
            yield from training_blocks(self._checked(), place)
        except OSError as error:
            raise _unreadable(self._path, error) from error

    def _checked(self) -> Path:
        """The file. Raises StorageError where it is no longer what it was."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise _unreadable(self._path, error) from error
        if (found.st_size, found.st_mtime_ns) != (self.size, self._kept.changed):
            raise StorageError(
                f"{self._path} has changed since it was read first: begin a new run with "
                "train --corpus and this file."
            )
        return self._path


def is_large(path: Path) -> bool:
    """Whether a file is too large to be read whole."""
    return path.stat().st_size > MAX_BYTES


def keep_large(path: Path, home: Path, report: Callable[[int], object]) -> CorpusInfo:
    """Read a large text file once, and keep what is known of it; the file stays where it is.

    `report` is called with the bytes that have been read. Raises BadRequest for a file that is no
    plain text, and StorageError.
    """
    if path.suffix.lower() not in READ_ENDINGS:
        raise BadRequest(
            f"{path.name} has {path.stat().st_size / 1e6:.0f} MB, and of this size only plain text "
            "can be read: write its text to a file with the ending .txt."
        )
    path = path.absolute()
    try:
        before = path.stat()
        found = read_once(path, report)
        name = f"large-{found.sha256[:12]}"
        taken = titles_but({name}, home)
        title = free_title(clean_title(path.name), taken, _TITLE_CHARACTERS)
        about = (before.st_size, before.st_mtime_ns, found.characters, found.sha256)
        kept = _Kept(1, name, title, str(path), *about, found.held_out)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        _folder(home).mkdir(parents=True, exist_ok=True)
        write_whole(_folder(home) / f"{name}.json", encode_stored(kept))
    except OSError as error:
        raise StorageError(
            f"What is known of {path.name} could not be kept ({error.strerror}): free some space, "
            "or set TINYLM_HOME to another folder."
        ) from error
    return _info(kept)


def large_text(name: str, home: Path) -> LargeText | None:
    """The text of this name, if it is a large one. Raises NotFound, StorageError.

    What is known of it comes from the shared place, where this home knows nothing.
    """
    if not CORPORA.owns(name):
        return None
    storage.bring_file(_folder(home) / f"{name}.json")
    return LargeText(_meta(name, home), home)


def _folder(home: Path) -> Path:
    return home / "large"


def _meta(name: str, home: Path) -> _Kept:
    gone = NotFound(f"The text {name!r:.80} is not here any more: give its file to train --corpus.")
    if not _NAME.fullmatch(name):  # this also stops names such as ../x from becoming paths
        raise gone
    try:
        meta = read_stored(_folder(home) / f"{name}.json", _Kept)
    except FileNotFoundError:
        raise gone from None
    except OSError as error:
        raise _unreadable(_folder(home), error) from error
    if meta is None or meta.name != name:
        raise StorageError(
            f"What is known of {name!r} is damaged: give its file to train --corpus once more."
        )
    return meta


def _info(meta: _Kept) -> CorpusInfo:
    return CorpusInfo(
        name=meta.name,
        title=meta.title,
        description=f"A text file of your own with {meta.characters:,} characters, read in parts.",
        provenance=f"A file on this machine; SHA-256 {meta.sha256[:16]}…",
        licence="That of the text itself; tinylm gives it to nobody else",
    )


def _unreadable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} cannot be read ({error.strerror or error}): bring it back to where it was, "
        "or give a copy of it to train --corpus."
    )


class LargeTexts(CorpusSource):
    """Text files of a person's own that do not fit into memory."""

    order = 55
    delete_label = "Forget the chosen file"

    def owns(self, name: str) -> bool:
        return _NAME.fullmatch(name) is not None

    def listed(self, home: Path) -> list[CorpusInfo]:
        return all_readable(_folder(home), "large-*.json", self.info, home)

    def info(self, name: str, home: Path) -> CorpusInfo:
        return _info(_meta(name, home))

    def size(self, name: str, home: Path) -> TextSize:
        meta = _meta(name, home)
        try:
            return size_of_file(Path(meta.path), meta.characters, 1.0)
        except OSError as error:
            raise _unreadable(Path(meta.path), error) from error

    def load(self, name: str, count: int, home: Path) -> Corpus:
        """The first documents, LOADED at most: all of them are for training, which streams."""
        text = LargeText(_meta(name, home), home)
        first = islice(_documents(text), min(count or LOADED, LOADED))
        return Corpus(self.info(name, home), tuple(first), text.held_out().val)

    def documents(self, name: str, split: str, start: int, home: Path) -> Iterator[Document]:
        text = LargeText(_meta(name, home), home)
        return islice(
            _documents(text) if split == "train" else iter(text.held_out().val), start, None
        )

    def delete(self, name: str, home: Path, read: Collection[str] = ()) -> None:
        _meta(name, home)
        try:
            os.unlink(_folder(home) / f"{name}.json")
            shutil.rmtree(_folder(home) / name, ignore_errors=True)
            if (place := storage.shared()) is not None:
                place.remove(f"large/{name}.json")
                place.remove_folder(f"large/{name}")
        except OSError as error:
            raise StorageError(f"{name} could not be deleted: {error.strerror}.") from error


def _documents(text: LargeText) -> Iterator[Document]:
    return (Document(one) for block in text.blocks() for one in block.texts)


CORPORA = LargeTexts()

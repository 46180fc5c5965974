"""Texts that a person brings: they are checked, kept, and cut into documents.

An upload is two files in <home>/uploads: NAME.txt with the text and NAME.json with what is
known of it. NAME contains a hash of the text and of how it is split. The JSON is written last and
deleted first, so an upload is either complete or absent.
"""

from __future__ import annotations

import errno
import hashlib
import re
import zlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from tinylm.corpora.corpus import CorpusInfo, Document
from tinylm.corpora.files.report import MAX_BYTES, counted, length
from tinylm.corpora.sizes import size_of_file
from tinylm.corpora.sources.base import StoredTexts, titles_but
from tinylm.corpora.sources.stored import all_readable, encode_stored, read_stored
from tinylm.corpora.splitting import held_out_characters, hold_out_places, split_text
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.files import write_whole
from tinylm.recipe import TextSize

MIN_CHARACTERS = 2_000  # counted with each run of white space as one
MIN_PACKED = (
    150  # bytes of a text once its different lines are packed; 2,000 characters of prose: 900
)
MIN_PACKED_SHARE = 0.01  # of its characters; prose has 0.4, and one letter again and again 0.001
PACKED_CHARACTERS = 1_000_000  # so many are packed: if there is nothing to learn, they show it
_MARK = b"places\0"  # a text that was kept with another split has another name
_NAME = re.compile(r"upload-[0-9a-f]{12}")
_TITLE_CHARACTERS = 60


Split = Literal["end", "places"]  # where the held-out part of a text comes from


class _Kept(msgspec.Struct, frozen=True):
    """What is known of an upload: the content of its JSON file."""

    version: Literal[1]
    name: str
    title: str
    characters: int
    sha256: str
    split: Split = "end"  # as it was for all texts before there was another way


def check_text(data: bytes, least: int = MIN_CHARACTERS) -> str:
    """The text of a file, with \\n as the end of each line and without a byte order mark.

    Raises BadRequest, which says what is wrong, if `data` is not UTF-8 text, is over MAX_BYTES,
    or has fewer than `least` characters.
    """
    if len(data) > MAX_BYTES:
        raise BadRequest(
            f"This text has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be "
            "used: take a part of it."
        )
    if b"\0" in data:
        raise BadRequest(
            f"This looks like a binary file (byte {data.index(0):,} is NUL): "
            "save it as plain text, UTF-8, and try again."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"This is not UTF-8 text: byte {error.start:,} (hexadecimal "
            f"{data[error.start]:02X}) fits no character. Save it as UTF-8 in your editor and "
            "try again."
        ) from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    count = length(text)
    if not count and least:
        what = "it has spaces and line ends only" if text else "it is empty"
        raise BadRequest(
            f"There is nothing to learn here, because {what}: at least {least:,} characters are "
            "needed."
        )
    if count < least:
        raise BadRequest(f"This text has {count:,} characters; at least {least:,} are needed.")
    if least:
        _refuse_repetition(text)
    return text


def _refuse_repetition(text: str) -> None:
    """Raise BadRequest where a text says the same again and again.

    The measure is what zlib makes of its lines, each taken once: a text that packs to nearly
    nothing has nothing in it that a model could learn.
    """
    lines = list(dict.fromkeys(line.strip() for line in text.split("\n")))
    different = "\n".join(lines)[:PACKED_CHARACTERS]
    packed = len(zlib.compress(different.encode("utf-8", "surrogatepass"), 6))
    if packed < max(MIN_PACKED, MIN_PACKED_SHARE * len(different)):
        raise BadRequest(
            "There is nothing to learn here, because this text says the same again and again: its "
            f"{counted(len(lines), 'different line')} pack into {counted(packed, 'byte')}. Bring "
            "a text with different sentences."
        )


def save_upload(data: bytes, title: str, home: Path, *, rename: bool = True) -> CorpusInfo:
    """Check a text and keep it. Saving the same text again gives the same corpus a new title.

    Without `rename` it keeps its title, which somebody else may have given it.

    What an earlier tinylm kept of it stays as it is, with its own name and split.

    A title that another corpus already has gets a number. Raises BadRequest for a text that cannot
    be used, and StorageError if the disk refuses.
    """
    text = check_text(data).encode("utf-8")
    digest = hashlib.sha256(text).hexdigest()
    name = f"upload-{hashlib.sha256(_MARK + text).hexdigest()[:12]}"
    title = free_title(clean_title(title), titles_but({name}, home), _TITLE_CHARACTERS)
    with suppress(NotFound, StorageError):
        title = title if rename else _meta(name, home).title
    meta = _Kept(1, name, title, len(text.decode("utf-8")), digest, "places")
    try:
        folder = _folder(home)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{name}.txt", text)
        write_whole(folder / f"{name}.json", encode_stored(meta))
    except OSError as error:
        raise _storage_error(error, "kept") from error
    return _info(meta)


def free_title(title: str, taken: Iterable[str], most: int) -> str:
    """The title of at most `most` characters, with a number added if it is already taken."""
    others = {one.casefold() for one in taken}
    free, number = title, 1
    while free.casefold() in others:
        number += 1
        end = f" ({number})"
        free = clean_title(title[: most - len(end)]) + end
    return free


def list_uploads(home: Path) -> list[CorpusInfo]:
    """The uploads kept in `home`, sorted by title; damaged ones are left out."""
    found = all_readable(_folder(home), "upload-*.json", upload_info, home)
    return sorted(found, key=lambda one: (one.title.casefold(), one.name))


def delete_upload(name: str, home: Path) -> None:
    """Delete an upload for good, also a damaged one. Raises NotFound, StorageError."""
    with suppress(StorageError):
        upload_info(name, home)
    try:
        for ending in (".json", ".txt"):
            (_folder(home) / f"{name}{ending}").unlink(missing_ok=True)
    except OSError as error:
        raise _storage_error(error, "deleted") from error


def is_upload(name: str) -> bool:
    """Whether a name has the form of an upload's name."""
    return _NAME.fullmatch(name) is not None


def upload_info(name: str, home: Path) -> CorpusInfo:
    """What is known of an upload. Raises NotFound, or StorageError if it is damaged."""
    return _info(_meta(name, home))


@lru_cache(maxsize=4)
def _split(data: bytes, split: Split) -> dict[str, tuple[Document, ...]]:
    cut = hold_out_places if split == "places" else split_text
    train, val = cut(data.decode("utf-8"))
    return {"train": train, "val": val}


def _folder(home: Path) -> Path:
    return home / "uploads"


def _meta(name: str, home: Path) -> _Kept:
    if not is_upload(name):  # this also stops names such as ../x from becoming paths
        raise _gone(name)
    try:
        meta = read_stored(_folder(home) / f"{name}.json", _Kept)
    except FileNotFoundError:
        raise _gone(name) from None
    except OSError as error:
        raise _storage_error(error, "read") from error
    if meta is None or meta.name != name:
        raise _damaged(name)
    return meta


def _info(meta: _Kept) -> CorpusInfo:
    return CorpusInfo(
        name=meta.name,
        title=meta.title,
        description=f"A text of your own with {meta.characters:,} characters.",
        provenance=f"Uploaded or pasted by its reader; SHA-256 {meta.sha256[:16]}…",
        licence="That of the text itself; tinylm gives it to nobody else",
    )


def clean_title(title: str, otherwise: str = "A text of my own") -> str:
    """The title as one line of up to 60 printable characters; `otherwise` if nothing is left."""
    printable = "".join(c if c.isprintable() else " " for c in title)
    return " ".join(printable.split())[:_TITLE_CHARACTERS].strip() or otherwise


def _gone(name: str) -> NotFound:
    return NotFound(f"The text {name!r:.80} is not here any more: upload it again.")


def _damaged(name: str) -> StorageError:
    return StorageError(f"The file of {name!r} is damaged: upload the text again.")


def _storage_error(error: OSError, what: str) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else -1):
        return StorageError(
            f"The text could not be {what}: there is no space left on the disk. "
            "Delete runs or free space, then try again."
        )
    return StorageError(f"The text could not be {what}: {error.strerror or error}.")


class Uploads(StoredTexts):
    """Texts that a person uploaded or pasted."""

    order = 50
    delete_label = "Delete the chosen text of mine"

    def owns(self, name: str) -> bool:
        return is_upload(name)

    def listed(self, home: Path) -> list[CorpusInfo]:
        return list_uploads(home)

    def delete(self, name: str, home: Path, read: Collection[str] = ()) -> None:
        delete_upload(name, home)

    def info(self, name: str, home: Path) -> CorpusInfo:
        return upload_info(name, home)

    def size(self, name: str, home: Path) -> TextSize:
        meta = _meta(name, home)
        held_out = held_out_characters(meta.characters) / max(1, meta.characters)
        try:
            path = _folder(home) / f"{name}.txt"
            return size_of_file(path, meta.characters, 1 - held_out)
        except FileNotFoundError:
            raise _gone(name) from None
        except OSError as error:
            raise _storage_error(error, "read") from error

    def splits(self, name: str, home: Path) -> dict[str, tuple[Document, ...]]:
        meta = _meta(name, home)
        try:
            data = (_folder(home) / f"{name}.txt").read_bytes()
        except FileNotFoundError:
            raise _gone(name) from None
        except OSError as error:
            raise _storage_error(error, "read") from error
        if hashlib.sha256(data).hexdigest() != meta.sha256:
            raise _damaged(name)
        return _split(data, meta.split)


CORPORA = Uploads()

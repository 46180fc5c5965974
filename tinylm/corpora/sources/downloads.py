"""Texts that are downloaded when a person asks for them, each identified by its hash.

A downloaded text is one file, <home>/downloads/NAME.txt. It is either complete, with the right
SHA-256, or absent. A person may also bring the same file by hand: `take_up` recognises it by its
hash, so that a machine without internet can have it too.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from tinylm.corpora.corpus import CorpusInfo, Document
from tinylm.corpora.sizes import size_of_file
from tinylm.corpora.sources.base import StoredTexts
from tinylm.corpora.splitting import VAL_PERCENT, last_tenth
from tinylm.errors import BadRequest, Cancelled, NotFound, StorageError, Unreachable
from tinylm.files import publish
from tinylm.recipe import TextSize

CHUNK = 16_384  # bytes; after each such piece the download can be cancelled
WAIT = (10.0, 20.0)  # at most so many seconds to connect, and to wait for each piece
MIRROR = "TINYLM_MIRROR"  # an address with the files as NAME.txt, for example for a whole class


@dataclass(frozen=True)
class Source:
    """A text that can be downloaded."""

    info: CorpusInfo
    url: str
    sha256: str
    size: int  # bytes
    cut: Callable[[str], list[str]]  # cuts the text into documents

    @property
    def host(self) -> str:
        """The host to download from, without a login that its address may contain.

        Raises BadRequest where the mirror is not an address.
        """
        return _host(self.address)

    @property
    def address(self) -> str:
        """The address to download from: its own, or on the mirror that the environment names.

        Raises BadRequest where the mirror is not an address.
        """
        mirror = os.environ.get(MIRROR, "").strip().rstrip("/")
        if not mirror:
            return self.url
        if not _host(mirror):  # the message does not quote it, as it may contain a login
            raise _no_address()
        return f"{mirror}/{self.info.name}.txt"


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:  # wrong brackets, or a port that is no number
        raise _no_address() from None
    return (parts.hostname or "") if known else ""


def _no_address() -> BadRequest:
    return BadRequest(
        f"{MIRROR} is no address: start tinylm anew with one such as https://server/folder, or "
        "without it."
    )


def speeches(text: str) -> list[str]:
    """The speeches of a play, cut at its blank lines; each begins with the speaker's name."""
    return [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def stories(text: str) -> list[str]:
    """The stories of a text in which the mark <|endoftext|> separates them."""
    return [part.strip() for part in text.split("<|endoftext|>") if part.strip()]


SOURCES = {
    source.info.name: source
    for source in (
        Source(
            CorpusInfo(
                name="tinyshakespeare",
                title="Tiny Shakespeare",
                description=(
                    "Speeches from Shakespeare's plays, as two programs for teaching use them, "
                    "char-rnn and nanoGPT. Each speech is a document."
                ),
                provenance="github.com/karpathy/char-rnn, data/tinyshakespeare/input.txt.",
                licence="Public domain",
                good_for="The text that many courses train on: beautiful nonsense within minutes.",
                sample_prompt="ROMEO:",
            ),
            "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/"
            "input.txt",
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            1_115_394,
            speeches,
        ),
        Source(
            CorpusInfo(
                name="tinystories",
                title="TinyStories",
                description=(
                    "Short stories in the words of a small child, written by GPT-3.5 and GPT-4 "
                    "(Eldan and Li 2023). Each story is a document."
                ),
                provenance=(
                    "huggingface.co/datasets/roneneldan/TinyStories, TinyStories-valid.txt: the "
                    "published validation split, a hundredth of the whole."
                ),
                licence="CDLA-Sharing-1.0",
                good_for="Whole stories that a small model can nearly write: the plot holds first.",
                sample_prompt="Once upon a time",
                odds_prompt="Once upon a",
            ),
            "https://huggingface.co/datasets/roneneldan/TinyStories/resolve/"
            "f54c09fd23315a6f9c86f9dc80f725de7d8f9c64/TinyStories-valid.txt",
            "94e431816c4cce81ff71e4408ff8d3bda9a42e8d2663986697c3954288cb38b4",
            19_447_282,
            stories,
        ),
    )
}


def is_download(name: str) -> bool:
    """Whether the corpus of this name is one that can be downloaded."""
    return name in SOURCES


def source(name: str) -> Source:
    """What is known of a text that can be downloaded. Raises NotFound."""
    if name not in SOURCES:
        raise NotFound(f"{name!r:.80} cannot be downloaded; these can: {', '.join(SOURCES)}.")
    return SOURCES[name]


def is_here(name: str, home: Path) -> bool:
    """Whether a text is downloaded, judged by its size; its hash is checked when it is read."""
    try:
        return _path(name, home).stat().st_size == source(name).size
    except OSError:
        return False


def download_info(name: str, home: Path) -> CorpusInfo:
    """What is known of a downloaded text. Raises NotFound, which says how to get it."""
    found = source(name)
    if not is_here(name, home):
        raise NotFound(
            f"{found.info.title} is not on this machine yet: download it on the Corpus page, or "
            f"with python -m tinylm corpora --download {name}"
        )
    return found.info


def delete_download(name: str, home: Path) -> None:
    """Delete a downloaded text; it can be downloaded again. Raises NotFound, StorageError."""
    source(name)
    try:
        _path(name, home).unlink(missing_ok=True)
    except OSError as error:
        raise _disk(error) from error


@lru_cache(maxsize=2)
def _read(name: str, path: Path, _changed: int) -> dict[str, tuple[Document, ...]]:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != source(name).sha256:
        raise StorageError(
            f"The file of {source(name).info.title} is damaged: delete it and download it again."
        )
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\0", "")
    train, val = last_tenth(source(name).cut(text))
    return {"train": train, "val": val}


def take_up(data: bytes, home: Path) -> CorpusInfo | None:
    """Keep `data` if it is the file of a text that can be downloaded; return None if it is not.

    The hash decides, so the file may have any name. Raises StorageError if the disk refuses.
    """
    if len(data) not in {found.size for found in SOURCES.values()}:
        return None
    digest = hashlib.sha256(data).hexdigest()
    for name, found in SOURCES.items():
        if digest == found.sha256:
            folder = home / "downloads"
            part = folder / f".{name}.hand.part"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with FileLock(folder / f".{name}.hand.lock"):  # waits while another process writes
                    for old in _left_by_hand(name, folder):
                        old.unlink(missing_ok=True)
                    try:
                        part.write_bytes(data)
                        publish(part, _path(name, home))
                    finally:
                        part.unlink(missing_ok=True)
            except OSError as error:
                raise _disk(error) from error
            return found.info
    return None


def _left_by_hand(name: str, folder: Path) -> list[Path]:
    """Unfinished files that killed processes left. Call it only while holding the lock."""
    return [folder / f".{name}.hand.part", *folder.glob(f"{name}.*.part")]


# Fetching ----------------------------------------------------------------------------------


def download(
    name: str,
    home: Path,
    on_bytes: Callable[[int], None] = lambda received: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> CorpusInfo:
    """Download a text, check its hash and keep it. If that fails, nothing of it is kept.

    After every piece, `on_bytes` gets the number of bytes received so far, and then `cancelled`
    is asked whether to stop. Raises NotFound, Unreachable, Cancelled, StorageError, and
    BadRequest while the same text is already being downloaded.
    """
    found = source(name)
    folder = home / "downloads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{name}.lock", timeout=0):
            # A killed process may have left files; under the lock nobody else writes there.
            part = folder / f".{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            try:
                publish(Path(_fetched(found, part, on_bytes, cancelled)), _path(name, home))
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except Timeout:
        raise BadRequest(
            f"{found.info.title} is being downloaded already: wait until that is done."
        ) from None
    except OSError as error:
        raise _disk(error) from error
    return found.info


def _fetched(
    found: Source, folder: Path, on_bytes: Callable[[int], None], cancelled: Callable[[], bool]
) -> str:
    """Download the file into `folder`, check its hash, and return its path."""
    import pooch  # imported here, as only a download needs it
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    received = 0

    def fetch(url: str, target: str, _pooch: Any) -> None:
        nonlocal received
        plain = {"Accept-Encoding": "identity"}  # not compressed, so that the bytes can be counted
        with requests.get(url, stream=True, timeout=WAIT, headers=plain) as answer:
            answer.raise_for_status()
            with open(target, "wb") as file:
                for piece in answer.iter_content(CHUNK):
                    received += file.write(piece)
                    on_bytes(min(received, found.size))
                    if cancelled():
                        raise Cancelled("The download was cancelled: nothing of it is kept.")
                    if received > found.size:
                        raise _another(found, "it is longer")

    try:
        return str(
            pooch.retrieve(
                found.address,
                f"sha256:{found.sha256}",
                fname="text",
                path=folder,
                downloader=fetch,
            )
        )
    except requests.HTTPError as error:  # its message may contain a login
        status = "an error" if error.response is None else str(error.response.status_code)
        raise Unreachable(
            f"{found.host} answers {status} instead of the file: try again later, or "
            f"{_by_hand(found)}"
        ) from error
    except requests.RequestException as error:
        if received:
            raise Unreachable(
                f"The connection broke off after {received / 1e6:.1f} of {found.size / 1e6:.1f} "
                f"MB: try again, or {_by_hand(found)}"
            ) from error
        raise Unreachable(
            f"{found.host} cannot be reached from this machine: go online and try again, or "
            f"{_by_hand(found)}"
        ) from error
    except ValueError as error:  # pooch raises it for a wrong hash
        raise _another(found, "it has another SHA-256") from error


def _another(found: Source, why: str) -> Unreachable:
    return Unreachable(
        f"What {found.host} sent is not {found.info.title} ({why}), and nothing of it is kept: it "
        f"may be the login page of a network. Sign in there and try again, or {_by_hand(found)}"
    )


def _by_hand(found: Source) -> str:
    return (
        f"download {found.url} on another machine and bring the file here: under Add your own "
        "text, or in a terminal with train --corpus FILE."
    )


def _path(name: str, home: Path) -> Path:
    return home / "downloads" / f"{source(name).info.name}.txt"


def _disk(error: OSError) -> StorageError:
    return StorageError(
        f"The text cannot be kept or read ({error.strerror or error}): free some space on the "
        "disk, or set TINYLM_HOME to a folder that you may write to."
    )


class Downloads(StoredTexts):
    """The texts that were downloaded or brought by hand."""

    order = 40
    delete_label = "Delete the downloaded text"

    def owns(self, name: str) -> bool:
        return is_download(name)

    def listed(self, home: Path) -> list[CorpusInfo]:
        return [one.info for name, one in SOURCES.items() if is_here(name, home)]

    def titles(self, home: Path) -> dict[str, str]:
        """Also the titles of those that are not here yet, so that nothing takes them."""
        return {name: one.info.title for name, one in SOURCES.items()}

    def delete(self, name: str, home: Path, read: Collection[str] = ()) -> None:
        delete_download(name, home)

    def info(self, name: str, home: Path) -> CorpusInfo:
        return download_info(name, home)

    def size(self, name: str, home: Path) -> TextSize:
        download_info(name, home)
        try:
            return size_of_file(_path(name, home), None, 1 - VAL_PERCENT / 100)
        except OSError as error:
            raise _disk(error) from error

    def splits(self, name: str, home: Path) -> dict[str, tuple[Document, ...]]:
        download_info(name, home)
        path = _path(name, home)
        try:
            return _read(name, path, path.stat().st_mtime_ns)
        except OSError as error:
            raise _disk(error) from error


CORPORA = Downloads()

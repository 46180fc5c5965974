"""The token ids of a text that does not fit into memory: files that are read where they lie.

    <folder>/{0000.tokens.npy, 0000.ends.npy, 0000.json, 0001.tokens.npy, …}

A shard has the ids of some documents one after another, the place where each document ends, and
JSON, which is written last, with their lengths and digests. So a shard is either whole or not
there, and whoever was killed while writing goes on behind the last whole one.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from tinylm.files import write_whole
from tinylm.text.batches import Ids

VERSION = 1
SHARD_TOKENS = 8_000_000  # from which a shard is written: 16 MB

Ends = NDArray[np.uint64]
Block = tuple[int, Sequence[str]]  # documents of a part of a text, after the place where it ends


class _Header(msgspec.Struct, frozen=True):
    """The JSON of one shard."""

    version: int
    tokens: int
    documents: int
    tokens_sha256: str
    ends_sha256: str
    end: int  # of the part of the file that has been read by then
    last: bool  # whether that is the end of the text


class TokenDocuments(Sequence[Ids]):
    """The ids of documents by their number, each read from the disk when it is asked for."""

    def __init__(self, shards: Sequence[tuple[Ids, Ends]], count: int = 0):
        """The first `count` documents (0: all) of shards: their ids, and where each one ends."""
        self._shards = shards
        self._firsts = [0, *itertools.accumulate(len(ends) for _, ends in shards)]
        self._count = min(count or self._firsts[-1], self._firsts[-1])

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> Ids: ...
    @overload
    def __getitem__(self, number: slice) -> list[Ids]: ...
    def __getitem__(self, number: int | slice) -> Ids | list[Ids]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        place = bisect_right(self._firsts, number) - 1
        ids, ends = self._shards[place]
        inside = number - self._firsts[place]
        return ids[int(ends[inside - 1]) if inside else 0 : int(ends[inside])]

    @property
    def num_tokens(self) -> int:
        """The ids of all documents together."""
        total = 0
        for (_, ends), first in zip(self._shards, self._firsts, strict=False):
            if taken := min(len(ends), self._count - first):
                total += int(ends[taken - 1])
            if first + taken == self._count:
                break
        return total


def open_shards(folder: Path, count: int = 0) -> TokenDocuments | None:
    """The documents of a text that has been written whole; None where it has not. Raises OSError.

    `count` is how many of them are wanted, 0: all.
    """
    headers = list(_whole(folder))
    if not headers or not headers[-1].last:
        return None
    return TokenDocuments([_mapped(folder, number) for number in range(len(headers))], count)


def write_shards(
    folder: Path,
    blocks: Callable[[int], Iterator[Block]],
    encode: Callable[[Sequence[str]], Sequence[Sequence[int]]],
    report: Callable[[int], object],
    shard_tokens: int = SHARD_TOKENS,
) -> None:
    """Write the ids of a text, behind the shards that are whole already.

    `blocks(place)` are those of the text from a place in its file on. `report` is called with the
    place that has been reached. It needs the memory of one block and one shard, however long the
    text is. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = list(_whole(folder))
    number, end = len(done), done[-1].end if done else 0
    ids: list[Ids] = []
    for reached, texts in blocks(end):
        end = reached
        ids += [np.array(one, dtype=np.uint16) for one in encode(texts)]
        if sum(map(len, ids)) >= shard_tokens:
            _write(folder, number, ids, end, last=False)
            number, ids = number + 1, []
        report(end)
    _write(folder, number, ids, end, last=True)


def _write(folder: Path, number: int, ids: Sequence[Ids], end: int, *, last: bool) -> None:
    ends: Ends = np.cumsum([len(one) for one in ids], dtype=np.uint64)
    tokens = np.concatenate(ids) if ids else np.empty(0, dtype=np.uint16)
    to_tokens, to_ends = (folder / name for name in _names(number))
    header = _Header(
        version=VERSION,
        tokens=len(tokens),
        documents=len(ends),
        tokens_sha256=_save(to_tokens, tokens),
        ends_sha256=_save(to_ends, ends),
        end=end,
        last=last,
    )
    write_whole(_header(folder, number), msgspec.json.encode(header))


def _save(path: Path, array: NDArray[Any]) -> str:
    """Write an array; returns the SHA-256 of its file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    write_whole(path, file.getvalue())
    return hashlib.sha256(file.getvalue()).hexdigest()


def _whole(folder: Path) -> Iterator[_Header]:
    """The headers of the shards, up to the first that is missing or is not as it was written."""
    for number in itertools.count():
        try:
            header = msgspec.json.decode(_header(folder, number).read_bytes(), type=_Header)
        except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError, ValueError):
            return
        if header.version != VERSION or not _is_whole(folder, number, header):
            return
        yield header
        if header.last:
            return


def _is_whole(folder: Path, number: int, header: _Header) -> bool:
    with suppress(FileNotFoundError, ValueError, EOFError):
        ids, ends = _mapped(folder, number)
        right = (ids.dtype, len(ids), ends.dtype, len(ends)) == (
            *(np.dtype(np.uint16), header.tokens),
            *(np.dtype(np.uint64), header.documents),
        )
        sums = (header.tokens_sha256, header.ends_sha256)
        return right and all(
            _sum(folder / name) == sum for name, sum in zip(_names(number), sums, strict=True)
        )
    return False


def _mapped(folder: Path, number: int) -> tuple[Ids, Ends]:
    ids, ends = (_load(folder / name) for name in _names(number))
    return ids, ends


def _load(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names(number: int) -> tuple[str, str]:
    return f"{number:04}.tokens.npy", f"{number:04}.ends.npy"


def _header(folder: Path, number: int) -> Path:
    return folder / f"{number:04}.json"

"""Cuts a text file of any size into documents, a part at a time, and says which are held out.

A part ends at a blank line, or else at the end of a line, or else at a space. It is cut into
documents as `splitting.py` cuts a whole text. What is held out comes from PLACES places.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tinylm.corpora.splitting import PLACES, documents_of, held_out_characters, passages_of
from tinylm.errors import BadRequest

PART = 1 << 20  # bytes that are read at a time
SEARCHED = 1 << 16  # bytes behind a place that are searched for a place to cut
SAMPLES = 32  # places that the vocabulary is learned from
_CUTS = (b"\n\n", b"\r\n\r\n", b"\n", b" ")  # from the best to the worst

Span = tuple[int, int]  # the bytes from the first number up to the second


class Block(NamedTuple):
    """Documents of a part of a file, and the place where that part ends."""

    end: int
    texts: list[str]


class Read(NamedTuple):
    """What came out of reading a file once from its beginning to its end."""

    characters: int
    sha256: str
    held_out: tuple[str, ...]  # documents none of which stands in the rest of the file


def read_once(path: Path, report: Callable[[int], object]) -> Read:
    """Check that a file is text, and find what is held out of it.

    `report` is called with the bytes that have been read. Raises OSError, and BadRequest for a
    file that is no UTF-8 text, or that says the same again and again.
    """
    digest, characters = hashlib.sha256(), 0
    for place, data in _parts(path, (0, path.stat().st_size)):
        digest.update(data)
        characters += len(_text(data, place))
        report((place + len(data)) // 2)
    held = [_text(data, place) for span in held_out(path) for place, data in _parts(path, span)]
    new = set().union(*map(passages_of, held))
    for place, text in _training(path, (0, path.stat().st_size)):
        new -= passages_of(text)
        report((path.stat().st_size + place) // 2)
    if not new:
        raise BadRequest(
            "This text says the same again and again: whatever is held out of it also stands in "
            "the rest. Bring a text with different passages."
        )
    documents = (document for text in held for document in documents_of(text, new))
    return Read(characters, digest.hexdigest(), tuple(documents))


def held_out(path: Path) -> list[Span]:
    """The bytes that are held out: from the middle of each of PLACES parts, ascending."""
    size = path.stat().st_size
    each = max(1, held_out_characters(size) // PLACES)
    with path.open("rb") as file:
        starts = (_cut(file, (2 * i + 1) * size // (2 * PLACES), size) for i in range(PLACES))
        return [(start, _cut(file, start + each, size)) for start in starts]


def training_blocks(path: Path, begin: int = 0, end: int | None = None) -> Iterator[Block]:
    """The documents between two places of a file, apart from what is held out. Raises OSError."""
    for place, text in _training(path, (begin, path.stat().st_size if end is None else end)):
        yield Block(place, documents_of(text))


def sampled(path: Path, characters: int) -> Iterator[str]:
    """Documents from SAMPLES places, with about so many characters together. Raises OSError."""
    size = path.stat().st_size
    each = characters // SAMPLES
    for i in range(SAMPLES):
        with path.open("rb") as file:
            start = _cut(file, i * size // SAMPLES, size) if i else 0
            end = _cut(file, min(size, start + each), size)
        for block in training_blocks(path, start, end):
            yield from block.texts


def _between(held: list[Span], span: Span) -> Iterator[Span]:
    """What is left of `span` without the spans that are held out."""
    begin, end = span
    for first, last in held:
        if begin < min(first, end):
            yield begin, min(first, end)
        begin = max(begin, last)
    if begin < end:
        yield begin, end


def _training(path: Path, span: Span) -> Iterator[tuple[int, str]]:
    """The text of a span, apart from what is held out, in parts, each after the place it ends."""
    for free in _between(held_out(path), span):
        for place, data in _parts(path, free):
            yield place + len(data), _text(data, place)


def _parts(path: Path, span: Span) -> Iterator[tuple[int, bytes]]:
    """The bytes of a span in parts of about PART, each after the place where it begins."""
    place, end = span
    with path.open("rb") as file:
        while place < end:
            stop = min(end, place + PART)
            if stop < end:
                stop = min(end, _cut(file, stop, end))
            file.seek(place)
            data = file.read(stop - place)
            if not data:  # the file has become shorter
                return
            yield place, data
            place += len(data)


def _cut(file: BinaryIO, place: int, size: int) -> int:
    """The best place to cut soon behind `place`: never within a character."""
    file.seek(place)
    ahead = file.read(SEARCHED)
    for mark in _CUTS:
        found = ahead.find(mark)
        if found >= 0:
            return place + found + len(mark)
    begins = next((i for i, byte in enumerate(ahead) if byte & 0xC0 != 0x80), len(ahead))
    return min(size, place + begins)


def _text(data: bytes, place: int) -> str:
    """The text of a part that begins at `place`, with \\n at the ends of lines."""
    if b"\0" in data:
        raise BadRequest(
            f"This looks like a binary file (byte {place + data.index(0):,} is NUL): save it as "
            "plain text, UTF-8, and try again."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"This is not UTF-8 text: byte {place + error.start:,} (hexadecimal "
            f"{data[error.start]:02X}) fits no character. Save it as UTF-8 in your editor and "
            "try again."
        ) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

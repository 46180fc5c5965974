"""Bytes of a file as text, and which encoding was assumed where the file does not say it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from tinylm.corpora.files.report import counted
from tinylm.errors import BadRequest

SAMPLE = 20_000  # bytes that the detector looks at: it takes 0.3 s for them
MOST_CONTROL = 0.01  # a file with a larger share of control characters is no text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a packed file, such as .docx, .xlsx or .zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office file, such as .doc or .xls"),
    (b"{\\rtf", "a Rich Text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a packed file"),
)
# Control characters that no text has; \f, \t, \n, \v and \r are none of them.
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True)
class Decoded:
    """The text of a file, with line ends as \\n."""

    text: str
    encoding: str  # "" for UTF-8, which needs no word
    notes: tuple[str, ...] = ()


def decode(data: bytes, name: str) -> Decoded:
    """The text in these bytes. Raises BadRequest where they are no text."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _as(codec, data.removeprefix(mark), name)
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise BadRequest(
                f"{name} is {what} and no plain text: give it its own ending back, or save its "
                "text as plain text."
            )
    if b"\0" not in data:
        try:
            return _as("utf-8", data, name, errors="strict")
        except UnicodeDecodeError:
            if _mostly_utf8(data):
                return _as("utf-8", data, name)
    return _as(_detected(data, name), data, name, assumed=True)


def _mostly_utf8(data: bytes) -> bool:
    """Whether most bytes beyond ASCII belong to whole characters of UTF-8."""
    beyond = sum(len(part) for part in re.findall(rb"[\x80-\xff]+", data))
    whole = len(data.decode("utf-8", "ignore").encode("utf-8"))
    return len(data) - whole <= 0.1 * beyond


def _detected(data: bytes, name: str) -> str:
    """The encoding that the text most probably has."""
    import chardet  # only where a file does not say it

    sample = data[:SAMPLE]
    if b"\0" not in data:  # lines with letters beyond ASCII say most
        lines = (line for line in data.splitlines(keepends=True) if not line.isascii())
        sample = b"".join(lines)[:SAMPLE]
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    found = chardet.detect(sample)["encoding"]
    if not found or not _is_known(found):
        raise BadRequest(
            f"{name} looks like a binary file, or its letters are in no encoding that is known "
            "here: save it as plain text, UTF-8, and try again."
        )
    return found


def _is_known(codec: str) -> bool:
    """Whether Python has this encoding, and somebody writes it without saying so."""
    try:
        return not codecs.lookup(codec).name.startswith("utf-32")
    except LookupError:
        return False


def _as(
    codec: str, data: bytes, name: str, errors: str = "replace", *, assumed: bool = False
) -> Decoded:
    text = data.decode(codec, errors)
    title = codec.upper()
    if "\0" in text or len(_CONTROL.findall(text)) > MOST_CONTROL * len(text):
        raise BadRequest(
            f"{name} looks like a binary file: save it as plain text, UTF-8, and try again."
        )
    notes = []
    if assumed:
        notes.append(
            f"The file does not say how its letters are stored; {title} was assumed: look whether "
            "they are right."
        )
    lost = 0 if errors == "strict" else text.count("\ufffd")
    if lost:
        notes.append(f"{counted(lost, 'place')} fit no character of {title} and stand as \ufffd.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(text, "" if title == "UTF-8" else title, tuple(notes))

"""Bytes of a file as text, and which encoding was assumed where the file does not say it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from tinylm.corpora.files.report import counted
from tinylm.errors import BadRequest

SAMPLE = 100_000  # bytes that the detector looks at
MOST_CONTROL = 0.01  # share of control characters from which on a file is no text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What Windows, Excel and older programs write, for the languages of most people.
_CANDIDATES = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "utf_16_le", "utf_16_be"),
]
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
                f"{name} is {what}, whatever its name says: save it as plain text, or bring it "
                "with its own ending."
            )
    if b"\0" not in data:
        try:
            return _as("utf-8", data, name)
        except UnicodeDecodeError:
            if _mostly_utf8(data):
                return _as("utf-8", data, name, errors="replace")
    return _as(_detected(data, name), data, name, errors="replace", assumed=True)


def _mostly_utf8(data: bytes) -> bool:
    """Whether most bytes beyond ASCII belong to whole characters of UTF-8."""
    beyond = sum(len(part) for part in re.findall(rb"[\x80-\xff]+", data))
    whole = len(data.decode("utf-8", "ignore").encode("utf-8"))
    return len(data) - whole <= 0.1 * beyond


def _detected(data: bytes, name: str) -> str:
    """The encoding that the text most probably has."""
    from charset_normalizer import from_bytes

    if b"\0" in data:
        sample = data[:SAMPLE]
    else:  # lines with letters beyond ASCII say most
        lines = (line for line in data.splitlines(keepends=True) if not line.isascii())
        sample = b"".join(lines)[:SAMPLE]
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    found = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    if found is None:
        raise BadRequest(
            f"{name} looks like a binary file, or its letters are in no encoding that is known "
            "here: save it as plain text, UTF-8, and try again."
        )
    return found.encoding


def _as(
    codec: str, data: bytes, name: str, errors: str = "strict", *, assumed: bool = False
) -> Decoded:
    text = data.decode(codec, errors if codec == "utf-8" else "replace")
    notes = []
    lost = text.count("\ufffd") - data.count("\ufffd".encode(codec))
    if lost > 0:
        notes.append(
            f"{counted(lost, 'byte')} fit no character of {_title(codec)} and stand as \ufffd."
        )
    if len(_CONTROL.findall(text[:SAMPLE])) > MOST_CONTROL * min(len(text), SAMPLE) or "\0" in text:
        raise BadRequest(
            f"{name} looks like a binary file: save it as plain text, UTF-8, and try again."
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "" if codec == "utf-8" else _title(codec)
    if assumed:
        notes.insert(
            0,
            f"The file does not say how its letters are stored; {shown} was assumed: look whether "
            "they are right.",
        )
    return Decoded(text, shown, tuple(notes))


def _title(codec: str) -> str:
    if codec.startswith("cp125"):
        return f"Windows-{codec.removeprefix('cp')}"
    return codec.replace("_", "-").upper()

"""Reads the text of files that a person brings: plain text, a column of a table, PDF, Word."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

from tinylm.corpora.sources.uploads import MAX_BYTES, check_text
from tinylm.errors import BadRequest

TYPES = ("txt", "md", "csv", "pdf", "docx")
MAX_PAGES = 2_000
MAX_UNPACKED = 200_000_000  # bytes of a .docx, unpacked: a small file can unpack to a huge size


def kind_of(name: str) -> str:
    """The ending of a file's name, in lower case and without the dot."""
    return PurePath(name).suffix.lower().removeprefix(".")


def text_of_file(name: str, data: bytes, column: str = "") -> str:
    """The text of a file with this name and content.

    `column` names the column of a .csv whose cells become paragraphs. Raises BadRequest, which
    says what is wrong, for a file that is too big or cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise BadRequest(
            f"{name} has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be used: "
            "take a part of it."
        )
    readers = {"pdf": _pdf, "docx": _docx}
    kind = kind_of(name)
    if kind in readers:
        return readers[kind](name, data)
    if kind == "csv":
        return _csv(name, data, column)
    return check_text(data, least=0)


def csv_columns(data: bytes) -> list[str]:
    """The column names in the first line of a table. Raises BadRequest if there are none."""
    rows = _rows("This table", data)
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise BadRequest("This table has no first line with the names of its columns.")
    return [cell.strip() or f"column {i}" for i, cell in enumerate(rows[0], 1)]


def joined(texts: Sequence[str]) -> bytes:
    """Several texts joined into one upload, with a blank line between them."""
    return "\n\n".join(text.strip("\n") for text in texts).encode("utf-8", "surrogatepass")


def _csv(name: str, data: bytes, column: str) -> str:
    columns = csv_columns(data)
    if column not in columns:
        raise BadRequest(f"{name} has the columns {', '.join(columns)}: choose one of them.")
    place = columns.index(column)
    rows = _rows(name, data)[1:]
    return "\n\n".join(row[place] for row in rows if len(row) > place and row[place].strip())


def _rows(name: str, data: bytes) -> list[list[str]]:
    text = check_text(data, least=0)
    try:
        dialect = csv.Sniffer().sniff(text[:10_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        return list(csv.reader(io.StringIO(text), dialect))
    except csv.Error as error:
        raise BadRequest(f"{name} is no table that can be read: {error}.") from None


def _pdf(name: str, data: bytes) -> str:
    from pypdf import PdfReader  # imported only when needed: it takes a moment to load
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadRequest(f"{name} is locked with a password: save it without one.")
        if len(reader.pages) > MAX_PAGES:
            raise BadRequest(
                f"{name} has {len(reader.pages):,} pages; at most {MAX_PAGES:,} can be read."
            )
        text = "\n\n".join(page.extract_text() for page in reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, OSError):
        raise BadRequest(f"{name} is damaged or no PDF: open it and save it again.") from None
    if not text.strip():
        raise BadRequest(f"{name} holds pictures of pages and no text: it needs OCR first.")
    return text.replace("\0", "")


def _docx(name: str, data: bytes) -> str:
    from docx import Document

    damaged = BadRequest(f"{name} is damaged or no .docx file: open it and save it again.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        raise damaged from None
    if size > MAX_UNPACKED:
        raise BadRequest(f"{name} unpacks to {size / 1e6:,.0f} MB: take a part of it.")
    try:
        document = Document(io.BytesIO(data))
        parts = [paragraph.text for paragraph in document.paragraphs]
        for table in document.tables:
            parts += [" ".join(cell.text for cell in row.cells) for row in table.rows]
    except Exception:  # the library's parsers raise errors without a common class
        raise damaged from None
    return "\n\n".join(part for part in parts if part.strip())

"""Tables: .csv and .tsv. Standard quoting, and the delimiter that fits the rows to the header."""

from __future__ import annotations

import collections
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinylm.corpora.files.columns import Row, choose_column, distinct_names, read_column
from tinylm.corpora.files.encoding import decode
from tinylm.corpora.files.report import MAX_BYTES, Brought, Reader, Report, Tell
from tinylm.errors import BadRequest

DELIMITERS = ",;\t|"
_NO_DELIMITER = "\x02"  # for a table of one column: it stands in no text
_SEP = re.compile(r'"?sep=(.)"?\n', re.IGNORECASE)  # how Excel says its delimiter
_LONGEST_NAME = 40  # characters; longer cells in the first row are text and no names
_LOOKED_AT = 1_000  # rows in which a name would stand again if the first row were one of them


@dataclass(frozen=True)
class _Shape:
    """How a delimiter divides a table."""

    delimiter: str
    quoted: bool
    columns: int  # cells of the first row
    rows: int
    fitting: int  # rows with as many cells as the first
    odd: int = 0  # the first line in which quotation marks break the rules; 0: none

    @property
    def score(self) -> tuple[int, int]:
        several = self.columns > 1 or self.delimiter == _NO_DELIMITER
        return (self.fitting if several else 0, self.columns)


def _read(brought: Brought, tell: Tell) -> tuple[str, Report]:
    csv.field_size_limit(MAX_BYTES * 4)
    found = decode(Path(brought.path).read_bytes(), brought.name)
    text = found.text
    said = _SEP.match(text)
    body = text[said.end() :] if said else text
    body = body.lstrip("\n")
    first = 1 + text[: len(text) - len(body)].count("\n")  # the row that a spreadsheet gives it
    if not body.strip():
        raise BadRequest(f"{brought.name} has no row with a cell in it.")
    shape = _shape(body, said[1] if said else "", tell)
    rows = _rows(body, shape.delimiter, shape.quoted)
    top = next(rows)
    header = brought.header if brought.header is not None else _is_header(top, body, shape)
    names = distinct_names(top if header else [""] * len(top))
    notes = [*found.notes, *_notes(header, brought, shape, body)]

    def cells() -> Iterator[Row]:
        for number, row in enumerate(_rows(body, shape.delimiter, shape.quoted), first):
            if row and not (header and number == first):
                yield number, _fitted(row, len(names))

    column = choose_column(brought, names, cells())
    tell(0.8)
    return read_column(
        brought,
        names,
        column,
        cells(),
        Report(brought.name, encoding=found.encoding, characters=len(text), notes=tuple(notes)),
        header=header,
    )


def _fitted(row: list[str], columns: int) -> Sequence[str]:
    """The row without empty cells beyond the last column."""
    return row[:columns] if len(row) > columns and not any(row[columns:]) else row


def _rows(body: str, delimiter: str, quoted: bool) -> Iterator[list[str]]:
    rows = csv.reader(
        io.StringIO(body, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=True,
    )
    return ([cell.strip() for cell in row] for row in rows)


def _shape(body: str, said: str, tell: Tell) -> _Shape:
    """The delimiter and the quoting with which most rows have as many cells as the first.

    Every row is read with every delimiter: the time is linear in the length of the table.
    """
    best = _best(body, said or DELIMITERS, tell)
    if said or (best.columns > 1 and 2 * best.fitting >= best.rows):
        return best
    return _best(body, _NO_DELIMITER, tell)


def _best(body: str, delimiters: str, tell: Tell) -> _Shape:
    """The best of these delimiters; quotation marks are letters where that fits more rows."""
    best = max((_measure(body, one, True) for one in delimiters), key=lambda shape: shape.score)
    tell(0.3)
    odd = _odd_line(body, best.delimiter)
    if not odd and best.fitting == best.rows:
        return best
    plain = max((_measure(body, one, False) for one in delimiters), key=lambda shape: shape.score)
    tell(0.6)
    return plain if plain.score > best.score else replace(best, odd=odd)


def _measure(body: str, delimiter: str, quoted: bool) -> _Shape:
    columns = rows = fitting = 0
    for row in _rows(body, delimiter, quoted):
        columns = columns or len(row)
        rows += bool(row)
        fitting += bool(row) and len(_fitted(row, columns)) == columns
    return _Shape(delimiter, quoted, columns, rows, fitting)


def _odd_line(body: str, delimiter: str) -> int:
    """The first line where a quotation mark is neither around a cell nor doubled; 0: none."""
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    try:
        collections.deque(reader, maxlen=0)
    except csv.Error:
        return reader.line_num
    return 0


def _is_header(top: Sequence[str], body: str, shape: _Shape) -> bool:
    """Whether the first row looks like names.

    They are short, no numbers, and none of them stands again in its own column further down.
    """
    if not any(top) or any(len(name) > _LONGEST_NAME or _is_number(name) for name in top):
        return False
    below = _rows(body, shape.delimiter, shape.quoted)
    next(below)
    again = (
        name and name == cell
        for _, row in zip(range(_LOOKED_AT), below, strict=False)
        for name, cell in zip(top, row, strict=False)
    )
    return shape.rows > 1 and not any(again)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.,:/ ]*\d[\d.,:/ %]*", cell) is not None


def _notes(header: bool, brought: Brought, shape: _Shape, body: str) -> Iterator[str]:
    if brought.header is None and not header:
        yield (
            "The first row looks like text and not like names, so it was kept as a row and the "
            "columns are called column 1, column 2 and so on."
        )
    if not shape.quoted and '"' in body:
        yield (
            "The quotation marks do not come in pairs around cells, so they were read as letters."
        )
    elif shape.odd:
        yield (
            f"A quotation mark in line {shape.odd:,} is neither around a cell nor doubled: look "
            "whether the rows from there on are whole."
        )


READER = Reader(("csv", "tsv"), _read)

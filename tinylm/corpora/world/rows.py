"""The rows of a world's table, from a file or edited on a page; both are checked the same way."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tinylm.errors import BadRequest

MAX_CELL = 60  # characters, as eight examples must fit into a prompt
_UNSAFE = re.compile(r"[|\r\n\t{}:=?]|->")  # these have a meaning in documents or patterns

_NUMBER = re.compile(r"-?[0-9]{1,9}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

Place = Callable[[int, str], str]  # (row from 0, column or "" for all) -> the place in words


@dataclass(frozen=True)
class Grid:
    """A table as it is written: the names of its columns and the cells of each row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def with_rows(self, rows: Sequence[Sequence[str]]) -> Grid:
        """The same columns with other rows."""
        return Grid(self.head, tuple(tuple(row) for row in rows))


def read_grid(path: Path) -> Grid:
    """The table in a .csv file, blank lines included. Raises BadRequest."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [tuple(line) for line in csv.reader(file, strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(f"{path.name} is not a table in UTF-8: {error}.") from None
    if len(lines) < 2 or not lines[0] or lines[0][0] != "name":
        raise BadRequest(f"{path.name} needs a first line that begins with name, and rows.")
    return Grid(lines[0], tuple(lines[1:]))


def line_of(path: Path) -> Place:
    """A function that names places in a file: "animals.csv, line 5, column young"."""
    return lambda row, column: (
        f"{path.name}, line {row + 2}" + (f", column {column}" if column else "")
    )


def row_of(title: str, grid: Grid) -> Place:
    """A function that names places in an edited table: "Animals, row 4 (cow), column young"."""

    def place(row: int, column: str) -> str:
        name = grid.rows[row][0].strip()[:MAX_CELL] if grid.rows[row] else ""
        name = _SURROGATE.sub("\ufffd", name)  # which no page can show
        return (
            f"{title}, row {row + 1}"
            + (f" ({name})" if name else "")
            + (f", column {column}" if column else "")
        )

    return place


def checked_rows(grid: Grid, place: Place) -> list[dict[str, str]]:
    """The rows that are not empty, each as a mapping from column to cell.

    Spaces around a cell are removed. Raises BadRequest, which names the place of the first
    mistake.
    """
    rows: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(grid.rows):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if len(cells) != len(grid.head) or not cells[0]:
            raise BadRequest(
                f"{place(number, '')}: needs a name in the first of its {len(grid.head)} cells."
            )
        for column, cell in zip(grid.head, cells, strict=True):
            _check_cell(cell, place(number, column))
        if cells[0] in seen:
            raise BadRequest(
                f"{place(number, grid.head[0])}: {cells[0]} stands there twice, first in "
                f"{place(seen[cells[0]], '')}."
            )
        seen[cells[0]] = number
        rows.append(dict(zip(grid.head, cells, strict=True)))
    return rows


def check_facts(grid: Grid, columns: list[str], place: Place) -> None:
    """Raise BadRequest for a row without a fact, as nothing could be said about it."""
    for number, row in enumerate(grid.rows):
        if any(row) and not any(row[grid.head.index(column)].strip() for column in columns):
            raise BadRequest(
                f"{place(number, '')}: has no fact: fill in {' or '.join(columns)}, or delete the "
                "row."
            )


def apply_edits(grid: Grid, edits: Any) -> Grid:
    """`grid` with the changes that a table editor reports: edited cells, deleted and added rows.

    Added rows go to the end. The report comes from a browser, so it may be wrong: changes to rows
    or columns that do not exist are ignored, and so is anything that is not a report at all.
    """
    if not _is_report(edits):
        return grid
    rows = [list(row) for row in grid.rows]
    for number, changes in (edits.get("edited_rows") or {}).items():
        if 0 <= int(number) < len(rows):
            for column, value in changes.items():
                if column in grid.head:
                    rows[int(number)][grid.head.index(column)] = _text(value)
    gone = {int(number) for number in edits.get("deleted_rows") or ()}
    rows = [row for number, row in enumerate(rows) if number not in gone]
    rows += [
        [_text(added.get(column)) for column in grid.head]
        for added in edits.get("added_rows") or ()
    ]
    return grid.with_rows(rows)


def _is_report(edits: Any) -> bool:
    """Whether `edits` has the form of a report: numbered rows, and cells with valid values."""
    if not isinstance(edits, Mapping):
        return False
    edited = edits.get("edited_rows") or {}
    gone = edits.get("deleted_rows") or []
    added = edits.get("added_rows") or []
    return (
        isinstance(edited, Mapping)
        and all(map(_is_number, edited))
        and all(map(_is_row, edited.values()))
        and isinstance(gone, list | tuple)
        and all(map(_is_number, gone))
        and isinstance(added, list | tuple)
        and all(map(_is_row, added))
    )


def _is_number(value: object) -> bool:
    """Whether `value` is a whole number, also as text, since the keys of a report are text."""
    return type(value) is int or (isinstance(value, str) and bool(_NUMBER.fullmatch(value)))


def _is_row(row: object) -> bool:
    return isinstance(row, Mapping) and all(map(_is_cell, row.values()))


def _is_cell(value: object) -> bool:
    if isinstance(value, str):  # a lone surrogate cannot be shown or saved
        return not _SURROGATE.search(value)
    return value is None or type(value) in (int, float, bool)


def count_changes(before: Grid, after: Grid) -> dict[str, int]:
    """The numbers of changed cells, added rows and deleted rows between two versions of a table.

    Rows with the same name count as the same row.
    """
    old = {row[0]: row for row in before.rows if row}
    new = {row[0].strip(): row for row in after.rows if any(cell.strip() for cell in row)}
    cells = sum(
        a.strip() != b.strip()
        for name in old.keys() & new.keys()
        for a, b in zip_longest(old[name], new[name], fillvalue="")
    )
    return {
        "cells": cells,
        "added": len(new.keys() - old.keys()),
        "deleted": len(old.keys() - new.keys()),
    }


def _check_cell(cell: str, where: str) -> None:
    if _UNSAFE.search(cell):
        raise BadRequest(f"{where}: {cell!r} must not hold | : = ? -> {{ }}.")
    if not cell.isprintable():
        raise BadRequest(f"{where}: {cell!r} holds a character that cannot be seen: type it anew.")
    if len(cell) > MAX_CELL:
        raise BadRequest(
            f"{where}: has {len(cell)} characters, at most {MAX_CELL} fit: make it shorter."
        )


def is_safe(answer: object) -> bool:
    """Whether `answer` is text that may stand in documents."""
    return isinstance(answer, str) and bool(answer) and not _UNSAFE.search(answer)


def _text(value: object) -> str:
    return "" if value is None else str(value)

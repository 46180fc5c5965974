"""The column of a table that holds the text, and which of its cells became text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from tinylm.corpora.files.report import Brought, Cells, Report, Table, counted, listed
from tinylm.errors import BadRequest

Row = tuple[int, Sequence[str | None]]  # its number in the file, and its cells; None: no text


def distinct_names(names: Iterable[str]) -> list[str]:
    """The names of columns, with a number where there is none and where one stands twice."""
    found: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        name = " ".join(name.split()) or f"column {place}"
        number, different = 1, name
        while different in found:
            number += 1
            different = f"{name} ({number})"
        found[different] = None
    return list(found)


def choose_column(brought: Brought, names: Sequence[str], rows: Iterable[Row]) -> int:
    """The place of the column that the person named, else of the one with most characters.

    Raises BadRequest where there is no column of that name.
    """
    if brought.column in names:
        return names.index(brought.column)
    if brought.column:
        raise BadRequest(
            f"{brought.name} has no column {brought.column!r}, but {', '.join(names)}: choose one "
            "of these."
        )
    sizes = [0] * len(names)
    for _, cells in rows:
        if len(cells) == len(names):
            sizes = [size + len(cell or "") for size, cell in zip(sizes, cells, strict=True)]
    return sizes.index(max(sizes))


def read_column(
    brought: Brought,
    names: Sequence[str],
    column: int,
    rows: Iterable[Row],
    report: Report,
    *,
    header: bool,
    can_choose_header: bool = True,
) -> tuple[str, Report]:
    """The cells of a column as paragraphs; rows with other cells than the header are left out.

    Where the whole table is asked for, the text is its `Cells` as JSON.
    """
    kept: list[str] = []
    table: list[tuple[str, ...]] = []
    more: list[int] = []
    fewer: list[int] = []
    empty = count = 0
    for number, cells in rows:
        count += 1
        if len(cells) > len(names):
            more.append(number)
        elif len(cells) < len(names):
            fewer.append(number)
        elif brought.whole:
            table.append(tuple(cell or "" for cell in cells))
        elif cell := cells[column]:
            kept.append(cell)
        else:
            empty += 1
    notes = list(report.notes)
    for numbers, than in ((more, "more"), (fewer, "fewer")):
        if numbers:
            notes.append(
                f"{counted(len(numbers), 'row')} with {than} cells than there are columns "
                f"{'was' if len(numbers) == 1 else 'were'} left out: {listed(numbers)}."
            )
    if empty:
        notes.append(f"{counted(empty, 'row')} with no text in this column gave nothing.")
    text = "\n\n".join(kept)
    if brought.whole:
        whole = Cells(tuple(names), tuple(table))
        text = msgspec.json.encode(whole).decode("utf-8")
    return text, msgspec.structs.replace(
        report,
        kept=len(text),
        unit="rows",
        units=count,
        units_kept=len(table) if brought.whole else len(kept),
        notes=tuple(notes),
        table=Table(tuple(names), names[column], header, can_choose_header),
    )

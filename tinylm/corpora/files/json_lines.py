"""JSON Lines: .jsonl, one object or one text a line; a field is chosen as a column is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from tinylm.corpora.files.columns import Row, choose_column, distinct_names, read_column
from tinylm.corpora.files.encoding import decode
from tinylm.corpora.files.report import Brought, Reader, Report, Tell, counted, listed
from tinylm.errors import BadRequest

MAX_FIELDS = 1_000


def _read(brought: Brought, tell: Tell) -> tuple[str, Report]:
    found = decode(Path(brought.path).read_bytes(), brought.name)
    lines: list[tuple[int, dict[str, object]]] = []
    broken: list[int] = []
    fields: dict[str, None] = {}
    for number, line in enumerate(found.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, ValueError):
            broken.append(number)
            continue
        row = value if isinstance(value, dict) else {"text": value}
        fields |= dict.fromkeys(row)
        if len(fields) > MAX_FIELDS:
            raise BadRequest(f"{brought.name} has more than {MAX_FIELDS:,} fields: name fewer.")
        lines.append((number, row))
    if not lines:
        raise BadRequest(f"{brought.name} has no line that is JSON: each needs one object or text.")
    notes = list(found.notes)
    if broken:
        notes.append(
            f"{counted(len(broken), 'line')} that {'is' if len(broken) == 1 else 'are'} no JSON "
            f"gave nothing: {listed(broken)}."
        )
    keys = list(fields)
    names = distinct_names(keys)

    def rows() -> Iterator[Row]:
        for number, row in lines:
            yield number, [_text(row.get(key)) for key in keys]

    column = choose_column(brought, names, rows())
    tell(0.8)
    report = Report(
        brought.name, encoding=found.encoding, characters=len(found.text), notes=tuple(notes)
    )
    text, told = read_column(
        brought, names, column, rows(), report, header=True, can_choose_header=False
    )
    return text, msgspec.structs.replace(told, units=told.units + len(broken))


def _text(value: object) -> str | None:
    """What a field says; None for lists and objects, which are no text."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) else None


READER = Reader(("jsonl",), _read)

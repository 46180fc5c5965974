"""Plain text: .txt, .md, and in the terminal every ending that no other reader has."""

from __future__ import annotations

from pathlib import Path

from tinylm.corpora.files.encoding import decode
from tinylm.corpora.files.report import Brought, Reader, Report, Tell


def _read(brought: Brought, tell: Tell) -> tuple[str, Report]:
    found = decode(Path(brought.path).read_bytes(), brought.name)
    lines = found.text.count("\n") + (not found.text.endswith("\n") and bool(found.text))
    report = Report(
        brought.name,
        encoding=found.encoding,
        characters=len(found.text),
        kept=len(found.text),
        unit="lines",
        units=lines,
        units_kept=lines,
        notes=found.notes,
    )
    return found.text, report


READER = Reader(("txt", "md"), _read)

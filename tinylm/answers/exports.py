"""Writes a run's files for other programs, or to take home, into one file for a page to offer."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tinylm import storage
from tinylm.errors import NotFound
from tinylm.export import ExportedRun, format_named
from tinylm.export.kept import file_name, keep
from tinylm.home import exports_dir, run_dir, shown_id
from tinylm.questions import exports as asked


def export(question: asked.Export, home: Path) -> asked.Exported:
    """Write the file, in place of an earlier one of the same format.

    Raises NotFound without the run, and what its format raises.
    """
    folder = run_dir(home, question.run)
    storage.bring_file(folder / "tokenizer.json")
    if not folder.is_dir():
        raise NotFound(f"There is no model of run {question.run!r} yet: train it first.")
    made = format_named(question.format)
    files = made.files(ExportedRun.of(question, folder))
    names = tuple(sorted(files))
    if made.packed:
        ending, data = ".zip", _zipped(f"{shown_id(question.run)}-{question.format}", files)
    else:
        ((name, data),) = files.items()
        ending = Path(name).suffix
    inner = f"{question.run}-{question.format}"
    path = exports_dir(home, question.run) / file_name(
        inner, question.reader, question.key(), ending
    )
    keep(path, data)
    return asked.Exported(path.name, len(data), names)


def _zipped(inner: str, files: dict[str, bytes]) -> bytes:
    """One zip file, with all files in one folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in files.items():
            # A fixed date, so that the same files are the same zip file.
            pack.writestr(zipfile.ZipInfo(f"{inner}/{name}"), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()

"""Writes a run's files for other programs into one zip file, for a page to offer."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tinylm.errors import NotFound
from tinylm.export import ExportedRun, format_named
from tinylm.files import write_whole
from tinylm.home import exports_dir, run_dir
from tinylm.questions import exports as asked


def export(question: asked.Export, home: Path) -> asked.Exported:
    """Write the zip file. Raises NotFound without the run, and what its format raises."""
    folder = run_dir(home, question.run)
    if not folder.is_dir():
        raise NotFound(f"There is no model of run {question.run!r} yet: train it first.")
    run = ExportedRun(
        folder=folder,
        step=question.step,
        curve=question.curve,
        evals=question.evals,
        rewards=question.rewards,
        started=question.started,
        title=question.title,
        results=question.results,
        own_tasks=question.own_tasks,
    )
    files = format_named(question.format).files(run)
    packed = io.BytesIO()
    inner = f"{question.run}-{question.format}"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in files.items():
            # A fixed date, so that the same files are the same zip file.
            pack.writestr(zipfile.ZipInfo(f"{inner}/{name}"), data, zipfile.ZIP_DEFLATED)
    place = exports_dir(home, question.run)
    place.mkdir(exist_ok=True)
    name = f"{inner}-{question.key()[:8]}.zip"
    write_whole(place / name, packed.getvalue())
    return asked.Exported(name, packed.tell(), tuple(sorted(files)))

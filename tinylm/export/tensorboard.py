"""Writes the curve of a run as an event file, which TensorBoard shows."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinylm.errors import BadRequest
from tinylm.export.base import ExportedRun, Format
from tinylm.export.csv_curve import COLUMNS, rows


class EventFile:
    """An event file in a folder, to which figures are added. Raises BadRequest where it cannot."""

    def __init__(self, folder: Path) -> None:
        try:
            from tensorboard.compat.proto import event_pb2, summary_pb2
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        except ImportError:
            raise BadRequest(
                "Event files are written by the package tensorboard: pip install tensorboard."
            ) from None
        try:
            self._writer: Any = EventFileWriter(str(folder))
        except OSError as error:
            raise BadRequest(
                f"{folder} cannot be written ({error.strerror or error}): name another folder."
            ) from None
        self._event, self._summary = event_pb2.Event, summary_pb2.Summary

    def add(self, step: int, figures: Mapping[str, float], seconds: float) -> None:
        """Add figures of one step, which were measured at this time in seconds since 1970."""
        values = [self._summary.Value(tag=tag, simple_value=one) for tag, one in figures.items()]
        summary = self._summary(value=values)
        self._writer.add_event(self._event(step=step, wall_time=seconds, summary=summary))

    def close(self) -> None:
        """Write what still waits."""
        self._writer.close()


def _files(run: ExportedRun) -> dict[str, bytes]:
    """One event file. Raises BadRequest without any curve, or without the package."""
    lines = rows(run)
    with tempfile.TemporaryDirectory() as folder:
        events = EventFile(Path(folder))
        for line in lines:
            row = dict(zip(COLUMNS, line, strict=True))
            figures = {tag: one for tag, one in row.items() if "/" in tag and one is not None}
            # When a step was done is not kept, so its number stands for its time.
            events.add(int(row["step"] or 0), figures, float(row["step"] or 0))
        events.close()
        (file,) = Path(folder).iterdir()
        return {"events.out.tfevents.0.tinylm": file.read_bytes()}


FORMAT = Format(
    order=24, name="tensorboard", title="the curve as events for TensorBoard", files=_files
)

"""Writes the curve of a run as a Parquet table, with the columns and lines of the CSV table."""

from __future__ import annotations

import io

from tinylm.export.base import ExportedRun, Format
from tinylm.export.csv_curve import COLUMNS, rows


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The file curve.parquet. Raises BadRequest without any curve."""
    import pyarrow  # here: only who writes such a file waits for it
    import pyarrow.parquet

    columns = zip(*rows(run), strict=True)
    counts = ("step", "tokens_seen", "val/tokens")
    table = pyarrow.table(
        {
            name: pyarrow.array(cells, pyarrow.int64() if name in counts else pyarrow.float64())
            for name, cells in zip(COLUMNS, columns, strict=True)
        }
    )
    data = io.BytesIO()
    pyarrow.parquet.write_table(table, data)
    return {"curve.parquet": data.getvalue()}


FORMAT = Format(order=22, name="parquet", title="the same table, curve.parquet", files=_files)

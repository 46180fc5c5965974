"""Writes the curve of a run as a table, with one line for each training step or validation."""

from __future__ import annotations

import csv
import io

from tinylm.errors import BadRequest
from tinylm.export.base import ExportedRun, Format

# Losses are in nats per token; a cell is empty where the figure was not measured at that step.
COLUMNS = (
    "step",
    "tokens_seen",
    "train/loss",
    "val/loss",
    "val/perplexity",
    "val/bits_per_byte",
    "val/tokens",  # how many tokens were measured: fewer at the early looks, more at the end
)


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The file curve.csv, in UTF-8 with a header line. Raises BadRequest without any curve."""
    trained = {point.step: point for point in run.curve}
    validated = {found.step: found for found in run.evals}
    if not trained and not validated:
        raise BadRequest("This run has no curve yet: let it train a little longer.")
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for step in sorted(trained.keys() | validated.keys()):
        update, look = trained.get(step), validated.get(step)
        seen = next(one.tokens_seen for one in (update, look) if one is not None)
        measured = (
            (look.loss, look.perplexity, look.bits_per_byte, look.num_tokens)
            if look
            else (None,) * 4
        )
        table.writerow([step, seen, update.loss if update else None, *measured])
    return {"curve.csv": text.getvalue().encode()}


FORMAT = Format(order=20, name="csv", title="the curve as a table, curve.csv", files=_files)

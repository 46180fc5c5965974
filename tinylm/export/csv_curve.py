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
    "train/reward",  # of a run that learns from rewards
)


Cell = int | float | None


def rows(run: ExportedRun) -> list[tuple[Cell, ...]]:
    """The lines of the table, with a cell for each of COLUMNS. Raises BadRequest without any."""
    trained = {point.step: point for point in run.curve}
    validated = {found.step: found for found in run.evals}
    rewarded = {one.step: one.reward for one in run.rewards}
    if not trained and not validated:
        raise BadRequest("This run has no curve yet: let it train a little longer.")
    found = []
    for step in sorted(trained.keys() | validated.keys()):
        update, look = trained.get(step), validated.get(step)
        seen = next(one.tokens_seen for one in (update, look) if one is not None)
        measured: tuple[Cell, ...] = (
            (look.loss, look.perplexity, look.bits_per_byte, look.num_tokens)
            if look
            else (None,) * 4
        )
        loss = update.loss if update else None
        found.append((step, seen, loss, *measured, rewarded.get(step)))
    return found


def _files(run: ExportedRun) -> dict[str, bytes]:
    """The file curve.csv, in UTF-8 with a header line. Raises BadRequest without any curve."""
    lines = rows(run)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(lines)
    return {"curve.csv": text.getvalue().encode()}


FORMAT = Format(order=20, name="csv", title="the curve as a table, curve.csv", files=_files)

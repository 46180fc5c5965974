"""The curve as a table: every step that was measured is a line, and nothing is made up."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tinylm.errors import BadRequest
from tinylm.events import CurvePoint, EvalDone
from tinylm.export import ExportedRun, format_named

STEPS = [CurvePoint(step, 128 * step, loss, 0.1, 1.0, 9e3) for step, loss in ((1, 7.25), (2, 7.0))]
EVALS = [EvalDone(0, 0, 7.5, 1808.0, 3.5, 900), EvalDone(2, 256, 7.0, 1096.5, 3.25, 900)]


def test_each_step_is_a_line_and_what_was_not_measured_is_empty() -> None:
    files = format_named("csv").files(ExportedRun(Path(), -1, STEPS, EVALS))
    lines = list(csv.reader(io.StringIO(files["curve.csv"].decode())))
    assert lines == [
        [
            *("step", "tokens_seen", "train/loss"),
            *("val/loss", "val/perplexity", "val/bits_per_byte", "val/tokens"),
        ],
        ["0", "0", "", "7.5", "1808.0", "3.5", "900"],
        ["1", "128", "7.25", "", "", "", ""],
        ["2", "256", "7.0", "7.0", "1096.5", "3.25", "900"],
    ]


def test_a_run_without_a_curve_is_refused() -> None:
    with pytest.raises(BadRequest, match="no curve yet"):
        format_named("csv").files(ExportedRun(Path(), -1, [], []))

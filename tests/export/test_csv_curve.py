"""The curve as a table: every step that was measured is a line, and nothing is made up."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from tinylm.errors import BadRequest
from tinylm.events import CurvePoint, EvalDone, Rewarded
from tinylm.export import ExportedRun, format_named
from tinylm.export.csv_curve import COLUMNS, rows

STEPS = [CurvePoint(step, 128 * step, loss, 0.1, 1.0, 9e3) for step, loss in ((1, 7.25), (2, 7.0))]
REWARDS = [Rewarded(2, 0.25)]
EVALS = [EvalDone(0, 0, 7.5, 1808.0, 3.5, 900), EvalDone(2, 256, 7.0, 1096.5, 3.25, 900)]
RUN = ExportedRun(Path(), -1, STEPS, EVALS, rewards=REWARDS)


def test_each_step_is_a_line_and_what_was_not_measured_is_empty() -> None:
    files = format_named("csv").files(RUN)
    lines = list(csv.reader(io.StringIO(files["curve.csv"].decode())))
    assert lines == [
        [
            *("step", "tokens_seen", "train/loss"),
            *("val/loss", "val/perplexity", "val/bits_per_byte", "val/tokens"),
            "train/reward",
        ],
        ["0", "0", "", "7.5", "1808.0", "3.5", "900", ""],
        ["1", "128", "7.25", "", "", "", "", ""],
        ["2", "256", "7.0", "7.0", "1096.5", "3.25", "900", "0.25"],
    ]


def test_parquet_has_the_same_table() -> None:
    files = format_named("parquet").files(RUN)
    table = pyarrow.parquet.read_table(io.BytesIO(files["curve.parquet"]))
    assert table.column_names == list(COLUMNS)
    assert [tuple(row.values()) for row in table.to_pylist()] == rows(RUN)


def test_tensorboard_reads_the_curve_back(tmp_path: Path) -> None:
    ((name, data),) = format_named("tensorboard").files(RUN).items()
    (tmp_path / name).write_bytes(data)
    found: dict[str, list[tuple[int, float]]] = {}
    for event in EventFileLoader(str(tmp_path / name)).Load():
        for one in event.summary.value:
            (value,) = one.tensor.float_val
            found.setdefault(one.tag, []).append((event.step, value))
    assert found["train/loss"] == [(1, 7.25), (2, 7.0)]
    assert found["val/loss"] == [(0, 7.5), (2, 7.0)]
    assert found["train/reward"] == [(2, 0.25)]


@pytest.mark.parametrize(
    "module", ["tensorboard.compat.proto", "tensorboard.summary.writer.event_file_writer"]
)
def test_without_tensorboard_there_is_a_sentence(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The modules that are imported stand for the package, which other tests have loaded."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BadRequest, match=r"the package tensorboard: pip install tensorboard\.$"):
        format_named("tensorboard").files(RUN)


@pytest.mark.parametrize("name", ["csv", "parquet", "tensorboard"])
def test_a_run_without_a_curve_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="no curve yet"):
        format_named(name).files(ExportedRun(Path(), -1, [], []))

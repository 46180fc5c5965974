"""Inputs that once failed give what is wanted of them."""

from __future__ import annotations

import pytest

from benchmarks.faults.__main__ import FOLDER, rows
from benchmarks.faults.row import Row


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_what_once_failed_gives_what_is_wanted(row: Row) -> None:
    seen = row.run(FOLDER)
    assert seen.ok, f"wanted: {row.wanted}; came: {seen.shown}"

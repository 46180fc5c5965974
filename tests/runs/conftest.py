"""What the tests of runs on several machines share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place that all homes share."""
    monkeypatch.setenv("TINYLM_STORAGE", f"file://{tmp_path / 'place'}")
    return tmp_path / "place"

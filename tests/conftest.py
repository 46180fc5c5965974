"""What all tests share: an empty home, no settings from outside, one thread."""

from __future__ import annotations

from pathlib import Path

import pytest

SETTINGS = ("TINYLM_HOME", "TINYLM_DATABASE", "TINYLM_WORKERS", "TINYLM_LONG_SLOTS")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for runs, which the environment names as well."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TINYLM_HOME", str(folder))
    return folder

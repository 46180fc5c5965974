"""Whether learners share the server is noted even where the database starts after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server import upkeep
from tinylm.errors import StorageError
from tinylm.runs.store import Store
from tinylm.runs.store.line import MANY


def test_a_database_that_starts_later_learns_of_the_class(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, refusals = upkeep.note_learners, [StorageError("The server is just starting."), None]

    def note_later(where: Path) -> None:
        if problem := refusals.pop(0):
            raise problem
        note(where)

    monkeypatch.setattr(upkeep, "note_learners", note_later)
    monkeypatch.setattr(upkeep, "EVERY", 0.0)
    monkeypatch.setenv("TINYLM_LEARNERS", "many")
    asyncio.run(upkeep.keep_noted())
    store = Store(f"sqlite:///{(home / 'tinylm.db').as_posix()}")
    assert store.note(MANY) is True and not refusals
    store.close()


def test_a_wrong_setting_is_no_reason_to_try_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TINYLM_LEARNERS", "some")
    asyncio.run(upkeep.keep_noted())
    assert "must be one or many" in caplog.text

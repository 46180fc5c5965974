"""The address that says whether the app works as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from server.health import PATH, Health
from server.paths import KnownPathsOnly
from tinylm.home import database_url
from tinylm.process import own_token
from tinylm.runs.store import Store


def ask() -> tuple[int, dict[str, object]]:
    app = Starlette(
        routes=[Route(PATH, Health().answer)],
        middleware=[Middleware(KnownPathsOnly)],
    )
    with TestClient(app) as client:
        answer = client.get(PATH)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, json.loads(answer.text)


def test_it_needs_a_worker_for_questions_and_one_for_runs(home: Path) -> None:
    assert ask() == (503, {
        "status": "failing", "problem": "no worker for questions is alive", "workers": 0,
    })  # fmt: skip
    store = Store(database_url(home))
    token = own_token()
    store.beat_worker(token, "short")
    assert ask()[1]["problem"] == "no worker for runs is alive"
    store.beat_worker(f"elsewhere{token}", "long")
    assert ask() == (200, {"status": "ok", "problem": "", "workers": 2})
    store.close()


def test_a_store_that_cannot_be_read_is_said_without_its_address(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TINYLM_DATABASE", "postgresql://ada:secret@127.0.0.1:1/class")
    assert ask() == (503, {
        "status": "failing", "problem": "the store cannot be read", "workers": 0,
    })  # fmt: skip
    assert "cannot be reached" in caplog.text and "secret" not in caplog.text

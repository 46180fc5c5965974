"""The address that says whether the app works as a whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from server.headers import SecurityHeaders
from server.health import PATH, Health
from server.paths import KnownPathsOnly
from tests.postgres import Server
from tests.runs_fakes import FakeClock, wait_until
from tinylm import __version__
from tinylm.home import database_url
from tinylm.process import own_token
from tinylm.runs.store import Store
from tinylm.runs.store.watch import STALE_AFTER


def ask(health: Health | None = None) -> tuple[int, dict[str, object]]:
    """The status and what is said besides the program's name and version."""
    app = Starlette(
        routes=[Route(PATH, (health or Health()).answer)],
        middleware=[Middleware(SecurityHeaders), Middleware(KnownPathsOnly)],
    )
    with TestClient(app) as client:
        answer = client.get(PATH)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers  # whoever watches is no learner
    found = json.loads(answer.text)
    assert (found.pop("program"), found.pop("version")) == ("tinylm", __version__)
    return answer.status_code, found


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


def test_workers_elsewhere_on_a_postgresql_server_count_until_they_are_silent(
    home: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a class: the app starts no workers, and they run on other machines."""
    monkeypatch.setenv("TINYLM_LEARNERS", "many")
    monkeypatch.setenv("TINYLM_WORKERS", "external")
    monkeypatch.setenv("TINYLM_DATABASE", postgres.new_database())
    clock = FakeClock()
    health = Health(ticks=clock)
    assert ask(health)[1]["problem"] == "no worker for questions is alive"
    elsewhere = Store(database_url(home))
    elsewhere.beat_worker("there:1:1", "both")
    assert ask(health) == (200, {"status": "ok", "problem": "", "workers": 1})
    clock.now += STALE_AFTER - 1
    elsewhere.beat_worker("there:1:1", "both")
    assert ask(health)[0] == 200
    clock.now += STALE_AFTER + 1
    assert ask(health) == (503, {
        "status": "failing", "problem": "no worker for questions is alive", "workers": 0,
    })  # fmt: skip
    elsewhere.close()
    health.close()


def test_a_worker_process_on_a_postgresql_server_counts_while_it_lives(
    home: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYLM_DATABASE", postgres.new_database())
    worker = subprocess.Popen(
        [sys.executable, str(Path(__file__).parents[1] / "fake_worker.py")],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    health = Health()
    try:
        wait_until(lambda: health.look() == ("", 1), 30)
    finally:
        worker.kill()
        worker.wait()
    assert health.look() == ("no worker for questions is alive", 0)
    health.close()

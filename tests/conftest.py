"""What all tests share: an empty home, no settings from outside, one thread."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SETTINGS = (
    "TINYLM_HOME",
    "TINYLM_DATABASE",
    "TINYLM_DATABASE_PASSWORD_FILE",
    "TINYLM_WORKERS",
    "TINYLM_LONG_SLOTS",
    "TINYLM_LEARNERS",
    "TINYLM_TEACHER_CODE",
    "TINYLM_LOG",
    "TINYLM_MIRROR",
    "TINYLM_STORAGE",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what trains for a minute")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests need --slow; a marker expression of -m is therefore free for other uses."""
    if config.option.slow:
        return
    left_out = [item for item in items if item.get_closest_marker("slow")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Loops are compiled before the first test, so that none has to wait for them."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        from tinylm.speed import compile_once

        compile_once()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _numbers_as_they_are() -> Iterator[None]:
    """A training lets tiny numbers become zero, for its whole process: not for other tests."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(False)


@pytest.fixture(scope="session", autouse=True)
def _usual_priority() -> Iterator[None]:
    """What gives way to others does so in processes of its own, never here.

    A process cannot take its priority back, so one test that calls such work would slow down all
    tests after it, and the servers and browsers that they start.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tinylm.process.NICENESS", -20)
        yield


@pytest.fixture(scope="session", autouse=True)
def _what_is_installed_is_read_once() -> Iterator[None]:
    """Streamlit's AppTest looks through all installed packages for components, for each test, and
    compiles a page each time it draws it. Neither changes while tests run, and both take longer
    than the page.
    """
    if "streamlit.testing.v1.app_test" not in sys.modules:  # no test here draws a page
        yield
        return
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache
    from streamlit.testing.v1 import app_test

    found, compiled = manifest_scanner.scan_component_manifests(), ScriptCache()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        patch.setattr(app_test, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for runs, which the environment names as well."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TINYLM_HOME", str(folder))
    return folder


@pytest.fixture
def page_engine() -> Any:
    """What works behind a page; tests with other answers put another one here."""
    from tests.fake_engine import FakeEngine

    return FakeEngine()


def _raise(error: Exception) -> str:
    """In place of a sentence on the page: an error that nobody foresaw fails a test."""
    raise error


@pytest.fixture
def service(home: Path, monkeypatch: pytest.MonkeyPatch, page_engine: Any) -> Iterator[Any]:
    """The service that the pages will use: jobs are done where they are asked for."""
    import ui.asking  # here: most tests need no streamlit
    import ui.frame
    from tinylm.runs.service import Service

    made = Service(home, engine=page_engine, immediate=True)
    monkeypatch.setattr(ui.asking, "make_service", lambda _home: made)
    monkeypatch.setattr(ui.frame, "unforeseen", _raise)
    yield made
    ui.asking.forget()
    made.close()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """The same numbers on every machine, and no waiting for other cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server, whose `new_database` gives an address."""
    from tests.postgres import running_server

    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").new_database())
    from tinylm.home import database_url

    return database_url(tmp_path)

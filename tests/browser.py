"""The running app and the browser, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parent.parent
LOOK = 100  # milliseconds; a look at each frame of the screen would take the page's processor
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The browser's program, where there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def running_app(home: Path, slots: int | None = None, app: Path = ROOT / "app.py") -> Iterator[str]:
    """The address of an app, started as the README does, with its runs in `home`.

    Each of `slots` is a process that trains, and loads torch first; None leaves their number to
    the app.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    options = ["--server.headless", "true", "--server.port", str(port)]
    server = subprocess.Popen(
        command + options,
        cwd=ROOT,
        env=os.environ
        | {"TINYLM_HOME": str(home)}
        | ({"TINYLM_LONG_SLOTS": str(slots)} if slots else {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://localhost:{port}/_stcore/health", server)
        yield f"http://localhost:{port}"
    finally:
        family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        for process in family:  # nobody needs what they would still save
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family)
        server.wait()


@contextmanager
def running_browser() -> Iterator[Any]:
    """A browser without a window, of which each context is a person of its own."""
    program = required_chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def opened_page(home: Path, patience: int, **window: Any) -> Iterator[Any]:
    """A page of the running app, whose addresses begin with a slash; `patience` in milliseconds.

    The app trains one run at a time.
    """
    with running_browser() as browser, running_app(home, slots=1) as address:
        opened = browser.new_page(base_url=address, **window)
        opened.set_default_timeout(patience)
        yield opened


def wait_for_rest(page: Any, least: str = "", polling: float | Literal["raf"] = LOOK) -> None:
    """Until `least` stands on the page, its script has run to its end, and no answer is missing.

    Before that, a button that a click finds may still be one of the drawing before, which has the
    same name but belongs to other settings.
    """
    page.wait_for_function(
        """least => {
            const text = document.body.innerText;
            const app = document.querySelector('[data-testid=stApp]');
            return text.includes(least) && !text.includes('⏳')
                && app?.dataset.testScriptState === 'notRunning';
        }""",
        arg=least,
        polling=polling,
    )


def whole_drawings(page: Any) -> list[bool]:
    """A list that gets an entry for each time the whole page is drawn from now on.

    True where it was drawn to its end. Call it before the page is opened. Where only a part is
    drawn, nothing is added.
    """
    found: list[bool] = []
    whole = {ForwardMsg.FINISHED_SUCCESSFULLY: True, ForwardMsg.FINISHED_EARLY_FOR_RERUN: False}

    def look(frame: bytes | str) -> None:
        assert isinstance(frame, bytes)
        told = ForwardMsg.FromString(frame)
        ended = told.WhichOneof("type") == "script_finished" and not told.metadata.run.fragment_ids
        if ended and told.script_finished in whole:
            found.append(whole[told.script_finished])

    page.on("websocket", lambda socket: socket.on("framereceived", look))
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            threading.Event().wait(0.1)
    raise AssertionError("the server did not answer")


def required_chromium() -> str:
    """The browser's program; else a skipped test, or a failed one where there must be one."""
    found = chromium()
    message = "there is no Chromium on this computer"
    if found is None and os.environ.get("TINYLM_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    if found is None:
        pytest.skip(message)
    return found

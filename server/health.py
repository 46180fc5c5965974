"""Answers whether the app works as a whole: the store can be read, and workers are alive.

Streamlit's own address says only that the server runs. This one is for whoever starts servers anew
or takes them out of turn: status 200, or 503 with the reason. What it says is open to everybody, so
addresses and names stay in the log.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse

from tinylm import __version__
from tinylm.errors import TinylmError
from tinylm.home import database_url, home_dir, make_home
from tinylm.runs.store import Store

PATH = "/health"
NEEDED = {"short": "questions", "long": "runs"}

log = logging.getLogger("tinylm.server")


class Health:
    """Looks at the store, with a connection of its own that it keeps."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._store: Store | None = None

    async def answer(self, _request: Request) -> JSONResponse:
        problem, workers = await asyncio.to_thread(self.look)
        found: dict[str, object] = {"program": "tinylm", "version": __version__}
        found |= {"status": "failing" if problem else "ok", "problem": problem, "workers": workers}
        headers = {"cache-control": "no-store"}
        return JSONResponse(found, status_code=503 if problem else 200, headers=headers)

    def look(self) -> tuple[str, int]:
        """What is wrong, or "", and how many workers are alive."""
        try:
            with self._lock:
                if self._store is None:
                    home = home_dir()
                    make_home(home)
                    self._store = Store(database_url(home), ticks=self._ticks)
            served = [worker.queue for worker in self._store.workers()]
        except TinylmError as error:
            log.warning("%s", error)
            return "the store cannot be read", 0
        for queue, work in NEEDED.items():
            if not {queue, "both"} & set(served):
                return f"no worker for {work} is alive", len(served)
        return "", len(served)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

"""Which paths the server answers; every other one gets status 404 and a page of our own.

Streamlit answers an unknown path with the app itself and status 200. Some of its own paths are of
no use here: those of other kinds of components, of logins, and of an interface for programs.
"""

from __future__ import annotations

import os

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.registry import PATHS
from server import health, returning

FILES = frozenset(
    {"/favicon.png", "/manifest.json", "/_stcore/health", "/_stcore/host-config", health.PATH}
)
OWN = PATHS | {returning.PATH}
FOLDERS = ("/assets/", "/media/", "/static/", "/_stcore/upload_file/")
METRICS = "/_stcore/metrics"

NOT_FOUND = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>No such page · tinylm</title>
<style>
:root { color-scheme: light dark; font-family: sans-serif; line-height: 1.5; }
main { max-width: 30rem; margin: 15vh auto; padding: 0 1rem; }
</style>
<main>
<h1>There is no page at this address</h1>
<p>It may be mistyped, or of an earlier version.</p>
<p><a href="/">Go to the start of tinylm</a></p>
</main>
</html>
"""


def with_metrics() -> bool:
    """Whether TINYLM_METRICS=1 asks for the server's own measurements under METRICS."""
    return os.environ.get("TINYLM_METRICS", "").strip() == "1"


class KnownPathsOnly:
    """Answers 404 where the path is neither that of a page nor of something that a page loads."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.files = FILES | {METRICS} if with_metrics() else FILES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or (path.rstrip("/") or "/") in OWN:
            await self.app(scope, receive, send)
        elif path in self.files or path.startswith(FOLDERS):
            await self._serve_file(scope, receive, send)
        else:
            await _say_not_found(scope, receive, send)

    async def _serve_file(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file; if Streamlit serves the app in its place, there is no such file."""
        replaced = False

        async def send_unless_replaced(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                replaced = kind.startswith("text/html")
            if not replaced:
                await send(message)

        await self.app(scope, receive, send_unless_replaced)
        if replaced:
            await _say_not_found(scope, receive, send)


async def _say_not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await HTMLResponse(NOT_FOUND, status_code=404)(scope, receive, send)

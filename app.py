"""The server: `streamlit run app.py`.

`pages/main.py` is the page frame. This file adds three things around it: it serves plotly.js from
the installed package, so that nothing is fetched from the internet; it sets the security headers;
and it starts and stops the worker processes, which do everything that takes more than a moment.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import importlib
import logging
import re
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Without this, these modules would be loaded while the first page waits for them.
for module in ("pandas", "PIL.Image", "sqlalchemy.dialects.sqlite"):
    importlib.import_module(module)

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:  # `streamlit run` does not put the project there
    sys.path.insert(0, str(ROOT))

from tinylm.errors import TinylmError  # noqa: E402
from tinylm.home import home_dir  # noqa: E402
from tinylm.runs.work.supervisor import Supervisor  # noqa: E402
from ui.plot import ASSETS  # noqa: E402
from ui.state import LEARNER_COOKIE  # noqa: E402
from ui.uploads import UploadLimits  # noqa: E402


def inline_script_hashes() -> str:
    """The CSP sources that allow the scripts inside Streamlit's own page, and no other scripts."""
    page = Path(st.__file__).parent.joinpath("static", "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = (hashlib.sha256(script.encode("utf-8")).digest() for script in scripts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests)


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Streamlit loads a component's code from a blob:, and its tables draw with WebAssembly.
        f"script-src 'self' blob: 'wasm-unsafe-eval' {inline_script_hashes()}",
        "style-src 'self' 'unsafe-inline'",  # Streamlit and Plotly set styles while they run
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss: data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


ONE_YEAR = 365 * 24 * 3600


class SecurityHeaders:
    """Adds HEADERS to every HTTP response; websockets pass through unchanged.

    A browser that has no name yet gets a random one, so that a learner's answers survive a
    reload. Nothing else is known about the browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"].startswith("/assets/"):
                    headers["cache-control"] = "public, max-age=86400"
                elif headers.get("content-type", "").startswith("text/html"):
                    name_browser(Headers(scope=scope), headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def name_browser(request: Headers, answer: MutableHeaders) -> None:
    """Set the learner's cookie if the browser did not send one."""
    if f"{LEARNER_COOKIE}=" not in request.get("cookie", ""):
        answer.append(
            "set-cookie",
            f"{LEARNER_COOKIE}={secrets.token_hex(12)}; Max-Age={ONE_YEAR}; Path=/; "
            "HttpOnly; SameSite=Lax",
        )


HEAD_START = 4.0  # seconds before the workers start, so that the first page gets the processors


@asynccontextmanager
async def workers(_app: Any) -> AsyncIterator[None]:
    """Start the worker processes when the server starts, and stop them when it ends."""
    supervisor = Supervisor(home_dir(), delay=HEAD_START)
    try:
        supervisor.start()
    except TinylmError as error:  # the pages show this error too
        logging.getLogger("tinylm").error("%s", error)
    try:
        yield
    finally:
        await asyncio.to_thread(supervisor.stop)


app = st.App(
    "pages/main.py",
    # Streamlit's own gzip middleware compresses what is served here (4.4 MB become 1.4 MB).
    routes=[
        Mount("/assets/tinylm", StaticFiles(directory=str(ASSETS))),
        Mount("/assets", StaticFiles(directory=str(files("plotly") / "package_data"))),
    ],
    middleware=[Middleware(SecurityHeaders), Middleware(UploadLimits)],
    lifespan=workers,
)

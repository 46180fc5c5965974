"""The headers that every answer carries, and the name that a browser gets with its first page."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tinylm.learners import name_of, new_code
from ui.viewing import LEARNER_COOKIE


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
    # No page of another site may hold a window of ours, or read or embed what is served here.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# Streamlit allows pages on localhost to send uploads; our pages need no such permission.
NOT_SENT = (
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
)
ONE_YEAR = 365 * 24 * 3600


class SecurityHeaders:
    """Adds HEADERS to every HTTP response; websockets pass through unchanged.

    A browser that has no name yet gets a random one, so that a learner's answers survive a
    reload. Nothing else is known about the browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Headers(scope=scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                for name in NOT_SENT:
                    del headers[name]
                if encrypted(scope) and request.get("host", "").partition(":")[0] != "localhost":
                    headers["strict-transport-security"] = f"max-age={ONE_YEAR}"
                if scope["path"].startswith("/assets/"):
                    headers["cache-control"] = "public, max-age=86400"
                elif headers.get("content-type", "").startswith("text/html"):
                    name_browser(request, headers, secure=encrypted(scope))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def encrypted(scope: Scope) -> bool:
    """Whether the browser sent the request over TLS, to this server or to a proxy before it."""
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "").partition(",")[0].strip()
    return "https" in (scope["scheme"], forwarded)


def name_browser(request: Headers, answer: MutableHeaders, *, secure: bool) -> None:
    """Set the learner's cookie if the browser sent none that holds a code."""
    sent = cookie_parser(request.get("cookie", "")).get(LEARNER_COOKIE, "")
    if not name_of(sent):
        answer.append("set-cookie", learner_cookie(new_code(), secure))


def learner_cookie(code: str, secure: bool) -> str:
    """The header that gives a browser a learner's code."""
    return f"{LEARNER_COOKIE}={code}; Max-Age={ONE_YEAR}; Path=/; HttpOnly; SameSite=Lax" + (
        "; Secure" if secure else ""
    )

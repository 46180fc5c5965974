"""Refuses requests that the pages of other sites send.

A page of any site can open a websocket to this server, and the browser sends the learner's cookie
with it. Streamlit decides whether such a page may do so by asking the internet for this
computer's own address, and the whole server waits for the answer. So it is decided here, before
Streamlit sees the request, and from nothing but the request and the configuration.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

PORTS = {"http": 80, "https": 443}
READING = ("GET", "HEAD", "OPTIONS")  # they change nothing, and no other site may read the answer
POLICY_VIOLATION = 1008  # what a websocket is closed with; before it is open, HTTP status 403
REFUSED = "This server answers its own pages only. To allow another address, see docs/decisions.\n"

log = logging.getLogger("tinylm.server")

Address = tuple[str, int]  # host and port


class OwnPagesOnly:
    """Lets a websocket, or a request that may change something, through only from our own pages.

    Our own are the pages whose origin has the host and port to which the request itself was sent
    (`Host`, or `X-Forwarded-Host` behind a proxy), and those in Streamlit's option
    `server.corsAllowedOrigins`. Programs other than browsers send no origin and may pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reading = scope["type"] == "http" and scope["method"] in READING
        if scope["type"] == "lifespan" or reading:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        if all(allowed(origin, headers) for origin in origins):
            if scope["type"] == "websocket" and origins:
                scope = addressed_to(origins[0], scope)
            await self.app(scope, receive, send)
            return
        log.warning("Refused a request from a page of %.100r.", origins)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await PlainTextResponse(REFUSED, status_code=403)(scope, receive, send)


def allowed(origin: str, request: Headers) -> bool:
    """Whether a page of this origin is one of our own."""
    if not config.get_option("server.enableCORS"):  # then Streamlit is told to allow all
        return True
    page = address(origin)
    return page is not None and page in own_addresses(origin, request)


def own_addresses(origin: str, request: Headers) -> Iterator[Address | None]:
    """The addresses of our own pages, where a port that is not named is the origin's default."""
    scheme = urlsplit(origin).scheme
    forwarded = request.get("x-forwarded-host", "").partition(",")[0].strip()
    for host in (request.get("host", ""), forwarded):
        yield address(f"{scheme}://{host}")
    for name in config.get_option("server.corsAllowedOrigins"):
        yield address(name)


def address(url: str) -> Address | None:
    """Host and port of an address such as https://class.example; None where it has none."""
    try:
        parts = urlsplit(url)
        return (parts.hostname, parts.port or PORTS[parts.scheme]) if parts.hostname else None
    except (KeyError, ValueError):
        return None


def addressed_to(origin: str, scope: Scope) -> Scope:
    """The same request, as if it had been sent to the host of its own page.

    Streamlit lets such a request through without asking anybody; behind a proxy, the host that
    the request names may be another one.
    """
    headers = MutableHeaders(raw=list(scope["headers"]))
    headers["host"] = urlsplit(origin).netloc
    return {**scope, "headers": headers.raw}

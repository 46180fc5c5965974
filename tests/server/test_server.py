"""The running server: whom it answers, what it answers, and with which headers."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import Message, Scope
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from pages.registry import EXPERIMENTS, LESSONS, PATHS, TOOLS
from server.headers import SecurityHeaders
from server.origins import OwnPagesOnly
from server.paths import METRICS, KnownPathsOnly
from tests.browser import running_app
from tinylm.learners import new_code

FOREIGN = "https://elsewhere.example"
# In the server's process: whoever looks a name up waits as without internet, and is noted.
NO_INTERNET = """
import os, socket, threading
real = socket.getaddrinfo
def look_up(host, *rest, **options):
    if host in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::"):
        return real(host, *rest, **options)
    with open(os.environ["LOOKED_UP"], "a") as file:
        file.write(f"{host}\\n")
    threading.Event().wait(10)
    raise OSError("there is no internet")
socket.getaddrinfo = look_up
"""


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the server's process notes what it looked up."""
    return tmp_path_factory.mktemp("noted") / "names"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, noted: Path) -> Iterator[str]:
    """The running server, without internet and without workers."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text(NO_INTERNET, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("LOOKED_UP", str(noted))
        patch.setenv("TINYLM_WORKERS", "external")
        with running_app(tmp_path_factory.mktemp("home")) as found:
            yield found


def ask(
    address: str, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of the answer; nothing is followed."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def socket_of(address: str, origin: str | None, **headers: str) -> connect:
    return connect(
        address.replace("http", "ws", 1) + "/_stcore/stream",
        origin=Origin(origin) if origin else None,
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
        max_size=None,
        open_timeout=60,
    )


async def refusal(address: str, origin: str) -> int:
    """The status with which a websocket of this origin is refused; 101 where it is not."""
    try:
        async with socket_of(address, origin):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


async def draw(socket: ClientConnection, page: str) -> float:
    """Ask for a page, as a click does; seconds until the script has run."""
    started = time.perf_counter()
    message = BackMsg()
    message.rerun_script.page_name = page
    await socket.send(message.SerializeToString())
    async for frame in socket:
        assert isinstance(frame, bytes)
        if ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished":
            break
    return time.perf_counter() - started


def test_ten_foreign_pages_at_once_hold_nobody_up(address: str, noted: Path) -> None:
    async def attack() -> tuple[list[int], float]:
        async with socket_of(address, address) as own:
            await draw(own, "metrics")  # the first time, modules are loaded
            refused = [asyncio.create_task(refusal(address, FOREIGN)) for _ in range(10)]
            await asyncio.sleep(0)
            seconds = await draw(own, "tokens")
            return await asyncio.gather(*refused), seconds

    statuses, seconds = asyncio.run(attack())
    assert statuses == [403] * 10
    assert seconds < 5  # a look-up for each of the ten would take 100 seconds and more
    assert not noted.exists()


@pytest.mark.parametrize("origin", [FOREIGN, "null", "http://localhost:1", "http://localhost", "x"])
def test_a_foreign_page_gets_no_websocket(address: str, origin: str) -> None:
    assert asyncio.run(refusal(address, origin)) == 403


def test_a_program_without_an_origin_may_connect(address: str) -> None:
    async def look() -> float:
        async with socket_of(address, None) as socket:
            return await draw(socket, "metrics")

    assert asyncio.run(look()) > 0


def test_behind_a_proxy_the_forwarded_host_counts_and_nothing_is_looked_up(
    address: str, noted: Path
) -> None:
    async def look() -> float:
        public = "class.example"
        async with socket_of(address, f"https://{public}", X_Forwarded_Host=public) as socket:
            return await draw(socket, "metrics")

    assert asyncio.run(look()) > 0
    assert not noted.exists()


def test_a_foreign_page_cannot_upload(address: str) -> None:
    path = "/_stcore/upload_file/session/file"
    assert ask(address, path, {"Origin": FOREIGN}, "PUT")[0] == 403
    _, headers, _ = ask(address, path, {"Origin": FOREIGN}, "OPTIONS")
    assert not [name for name in headers if name.startswith("access-control-")]


def test_every_page_of_the_navigation_has_a_path(address: str) -> None:
    assert len(PATHS) == 1 + len(LESSONS) + len(EXPERIMENTS) + len(TOOLS)
    for path in PATHS:
        status, headers, text = ask(address, path)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8"), path
        assert "<script" in text
    status, headers, _ = ask(address, "/corpus/?run=a")
    assert (status, headers["location"]) == (301, "/corpus?run=a")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/start",
        "/corpus/more",
        "/index.html",
        "/static/js/nothing.js",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/_stcore/nothing",
        "/_stcore/stream",
        "/component/nothing/index.html",
        "/auth/login",
        "/.streamlit/config.toml",
        METRICS,
    ],
)
def test_other_paths_get_404_and_a_way_back(address: str, path: str) -> None:
    status, headers, text = ask(address, path)
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert 'href="/"' in text
    assert len(text.encode()) == int(headers["content-length"])


def test_what_pages_load_is_there(address: str) -> None:
    for path in (
        "/favicon.png",
        "/_stcore/health",
        "/_stcore/host-config",
        "/assets/plotly.min.js",
    ):
        assert ask(address, path)[0] == 200, path


@pytest.mark.parametrize("path", ["/", "/nothing", "/assets/plotly.min.js", "/_stcore/health"])
def test_every_answer_carries_the_security_headers(address: str, path: str) -> None:
    _, headers, _ = ask(address, path)
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "object-src 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers  # this answer was not encrypted


def test_behind_tls_a_browser_is_told_to_stay_there(address: str) -> None:
    secure = {"Host": "class.example", "X-Forwarded-Proto": "https"}
    _, headers, _ = ask(address, "/", secure)
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["set-cookie"].endswith("; HttpOnly; SameSite=Lax; Secure")
    _, headers, _ = ask(address, "/", secure | {"Host": "localhost:8501"})
    assert "strict-transport-security" not in headers  # other servers there have no TLS


def test_a_browser_without_a_code_gets_one_and_keeps_it(address: str) -> None:
    code = new_code()
    for sent in ("", "tinylm_learner=", "tinylm_learner=broken", f"not_tinylm_learner={code}"):
        assert "set-cookie" in ask(address, "/", {"Cookie": sent})[1], sent
    for sent in (code, "0123456789abcdef01234567"):  # the second: of an earlier version
        headers = ask(address, "/", {"Cookie": f"other=1; tinylm_learner={sent}"})[1]
        assert "set-cookie" not in headers, sent


# One part alone ------------------------------------------------------------------------------


class Inner:
    """A server that answers everything, and keeps what reaches it."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        self.hosts += [value.decode() for name, value in scope["headers"] if name == b"host"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"there"})


def through(middleware: type, scope: Scope, **headers: str) -> tuple[Inner, list[Message]]:
    """What is behind a middleware, and what the middleware sent, after one request."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    pairs = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    inner = Inner()
    full = {"scheme": "http", "path": "/", "method": "GET", "headers": pairs} | scope
    asyncio.run(middleware(inner)(full, receive, send))
    return inner, sent


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://class.example", "class.example"),
        ("https://class.example", "class.example:443"),
        ("http://Class.Example:8501", "class.example:8501"),
        ("http://192.168.0.7:8501", "192.168.0.7:8501"),
        ("http://[::1]:8501", "[::1]:8501"),
        ("https://named.example", "10.0.0.1:8501"),
    ],
)
def test_own_pages_may_connect_and_streamlit_need_not_ask(
    origin: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"server.corsAllowedOrigins": ["https://named.example"], "server.enableCORS": True}
    monkeypatch.setattr(config, "get_option", named.__getitem__)
    inner, _ = through(OwnPagesOnly, {"type": "websocket"}, origin=origin, host=host)
    assert inner.hosts == [urlsplit(origin).netloc]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://class.example:444", "class.example"),
        ("http://class.example:8501", "class.example:8502"),
        ("https://class.example.evil.example", "class.example"),
        ("https://named.example", "10.0.0.1:8501"),
        ("ftp://class.example", "class.example"),
        ("http://[", "["),
        ("http://class.example:99999", "class.example:99999"),
        ("", ""),
    ],
)
def test_other_pages_may_not(origin: str, host: str) -> None:
    inner, sent = through(OwnPagesOnly, {"type": "websocket"}, origin=origin, host=host)
    assert inner.hosts == []
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_metrics_are_there_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def status() -> int:
        return through(KnownPathsOnly, {"type": "http", "path": METRICS})[1][0]["status"]  # type: ignore[no-any-return]

    assert status() == 404
    monkeypatch.setenv("TINYLM_METRICS", "1")
    assert status() == 200


def test_tls_of_the_server_itself_counts() -> None:
    scope = {"type": "http", "scheme": "https"}
    _, sent = through(SecurityHeaders, scope, host="class.example")
    assert b"strict-transport-security" in dict(sent[0]["headers"])

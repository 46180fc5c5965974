"""Sessions that are over give back their open files and their uploads, and nothing else happens."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.browser import running_app

VISITS = 12
UPLOAD = b"A line of a text that somebody brought.\n" * 50_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running server, which waits for no browser that went away to come back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL", "1")
        patch.setenv("TINYLM_METRICS", "1")
        patch.setenv("TINYLM_WORKERS", "external")
        with running_app(tmp_path_factory.mktemp("home")) as found:
            yield found


def server() -> psutil.Process:
    return next(one for one in psutil.Process().children() if "streamlit" in one.cmdline())


def ask(address: str, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> str:
    """The body of an answer that says all went well, after its XSRF cookie if it sets one."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        assert answer.status in (200, 204), answer.read()
        cookies = answer.headers.get_all("set-cookie") or []
        token = next((one.partition(";")[0] for one in cookies if "xsrf" in one), "")
        return token + answer.read().decode()
    finally:
        connection.close()


def socket_of(address: str) -> connect:
    url = address.replace("http", "ws", 1) + "/_stcore/stream"
    return connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None, open_timeout=60)


async def session_of(socket: ClientConnection) -> str:
    """The id of the session, once a page has been drawn."""
    message = BackMsg()
    message.rerun_script.page_name = "metrics"
    await socket.send(message.SerializeToString())
    session = ""
    async for frame in socket:
        assert isinstance(frame, bytes)
        told = ForwardMsg.FromString(frame)
        session = told.new_session.initialize.session_id or session
        if told.WhichOneof("type") == "script_finished":
            break
    return session


def upload(address: str, session: str) -> None:
    token = ask(address, "GET", "/_stcore/health", {}).removesuffix("ok").partition("=")[2]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Cookie": f"_streamlit_xsrf={token}",
        "X-Xsrftoken": token,
    }
    body = head.encode() + UPLOAD + b"\r\n--x--\r\n"
    ask(address, "PUT", f"/_stcore/upload_file/{session}/one", headers, body)


async def visit(address: str, number: int) -> int:
    """Sessions come, one of them uploads, and all go; files the server had open meanwhile."""
    async with AsyncExitStack() as opening:
        sockets = [await opening.enter_async_context(socket_of(address)) for _ in range(number)]
        sessions = [await session_of(socket) for socket in sockets]
        await asyncio.to_thread(upload, address, sessions[0])
        assert held(address) == len(UPLOAD)
        return server().num_fds()


def held(address: str) -> int:
    """The bytes of uploads that the server holds."""
    lines = ask(address, "GET", "/_stcore/metrics", {}).splitlines()
    return sum(int(line.split()[-1]) for line in lines if "UploadedFileManager" in line)


def test_sessions_that_are_over_give_back_their_files_and_uploads(address: str) -> None:
    asyncio.run(visit(address, 1))  # what this one opens, all later ones share
    before = server().num_fds()
    meanwhile = asyncio.run(visit(address, VISITS))
    assert meanwhile > before + VISITS
    deadline = time.monotonic() + 90
    while held(address) or server().num_fds() > before + 3:
        assert time.monotonic() < deadline, (server().num_fds(), before, held(address))
        threading.Event().wait(1)

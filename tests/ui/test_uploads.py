"""Files that are coming in: what a session and the server hold of them is limited."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tinylm.corpora.files.desk import MAX_BATCH
from ui import uploads
from ui.uploads import MAX_WAITING, UploadLimits, refused_files

MB = 1_000_000


def put(session: str, size: int | None) -> dict[str, Any]:
    headers = [] if size is None else [(b"content-length", str(size).encode())]
    path = f"/_stcore/upload_file/{session}/some-id"
    return {"type": "http", "method": "PUT", "path": path, "headers": headers}


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    held: Counter[str] = Counter()
    monkeypatch.setattr(uploads, "_stored", lambda: held)
    return held


class Server:
    """The limits around a server that holds what it is sent until it is told to go on."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.limits = UploadLimits(self.receive)

    async def receive(self, scope: Any, receive: Any, send: Any) -> None:
        await self.go.wait()
        await send({"type": "http.response.start", "status": 204})

    async def status(self, scope: dict[str, Any]) -> int:
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return {}

        await self.limits(scope, receive, send)
        return int(sent[0]["status"])


async def statuses(*scopes: dict[str, Any]) -> list[int]:
    """The answers to requests that come all at once."""
    server = Server()
    asked = [asyncio.create_task(server.status(scope)) for scope in scopes]
    await asyncio.sleep(0)
    server.go.set()
    found = list(await asyncio.gather(*asked))
    assert not server.limits._coming
    return found


def test_a_session_may_send_so_much_and_others_still_can(stored: Counter[str]) -> None:
    three = [put("ada", 20 * MB)] * (MAX_BATCH // (20 * MB))
    found = asyncio.run(statuses(*three, put("ada", 1), put("bob", 20 * MB)))
    assert found == [204] * len(three) + [413, 204]
    assert [refused_files(name) for name in ("ada", "ada", "bob")] == [1, 0, 0]
    stored["ada"] = MAX_BATCH
    assert asyncio.run(statuses(put("ada", 1), put("bob", 1))) == [413, 204]


def test_the_server_holds_so_much_of_all(stored: Counter[str]) -> None:
    stored |= {f"learner {number}": 20 * MB for number in range(MAX_WAITING // (20 * MB))}
    assert asyncio.run(statuses(put("ada", 1), put("ada", None))) == [413, 413]


def test_all_else_passes(stored: Counter[str]) -> None:
    stored["ada"] = MAX_WAITING
    look = put("ada", 20 * MB) | {"method": "GET"}
    page = put("ada", 20 * MB) | {"path": "/corpus"}
    assert asyncio.run(statuses(look, page, {"type": "lifespan"})) == [204] * 3

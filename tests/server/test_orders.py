"""No browser clears what the server keeps for all of them."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from app import app
from server.orders import NoOrdersForAll


def test_the_order_to_clear_all_caches_does_not_get_through() -> None:
    click = BackMsg()
    click.rerun_script.query_string = "run=world"
    frames = [BackMsg(clear_cache=True).SerializeToString(), click.SerializeToString(), b"\xff"]
    coming: list[Message] = [{"type": "websocket.connect"}]
    coming += [{"type": "websocket.receive", "bytes": frame} for frame in frames]
    coming += [{"type": "websocket.disconnect"}]
    passed: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(_message: Message) -> None: ...

    async def inner(_scope: Scope, receive: Receive, _send: Send) -> None:
        while not passed or passed[-1]["type"] != "websocket.disconnect":
            passed.append(await receive())

    asyncio.run(NoOrdersForAll(inner)({"type": "websocket"}, receive, send))
    assert [one.get("bytes") for one in passed] == [None, *frames[1:], None]


def test_the_server_has_it() -> None:
    assert NoOrdersForAll in [one.cls for one in app._user_middleware]

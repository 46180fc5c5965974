"""A server that says to a websocket client what it is told to, and keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class FakeSocket:
    """In place of a connection."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, frame: bytes) -> None:
        self.asked.append(BackMsg.FromString(frame).rerun_script)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while frame := await self._frames.get():
            yield frame

    def say(self, *messages: ForwardMsg) -> None:
        for message in messages:
            self._frames.put_nowait(message.SerializeToString())

    def hang_up(self) -> None:
        self._frames.put_nowait(b"")


def begin(*fragments: str, run: str = "") -> ForwardMsg:
    """A run of the script begins: of these fragments, or of the whole page."""
    message = ForwardMsg()
    message.new_session.name = "tinylm"
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def finish(status: int = ForwardMsg.FINISHED_SUCCESSFULLY) -> ForwardMsg:
    """It ends."""
    return ForwardMsg(script_finished=status)  # type: ignore[arg-type]

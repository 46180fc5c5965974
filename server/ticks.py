"""Lets the timers of a page ask again only once their last question was answered.

A live page asks every second, answered or not. Streamlit sends one message each time that its
event loop goes round, and puts what a run of the page made on a list until then. On a computer
that is busy with other things the lists of a class grew faster than they were sent: by 18 MB a
minute, with clicks that took half a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from server.frames import said

PATIENCE = 15.0  # seconds after which a timer may ask again without an answer
SHORT = 400  # bytes; the message that a run is over is shorter than this


class TicksInTurn:
    """Drops what a timer asks while its last question is open; clicks pass at once."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        asked: dict[str, float] = {}  # by fragment of the page: when its timer's question passed

        async def receive_in_turn() -> Message:
            while True:
                message = await receive()
                fragment = ticking(said(message))
                now = self.clock()
                if not fragment:
                    return message
                if now - asked.get(fragment, now - PATIENCE) >= PATIENCE:
                    asked[fragment] = now
                    return message

        async def send_and_note(message: Message) -> None:
            await send(message)
            if asked and is_over(message.get("bytes") or b""):
                asked.clear()

        await self.app(scope, receive_in_turn, send_and_note)


def ticking(message: BackMsg) -> str:
    """The fragment whose timer sent this; "" for anything else."""
    return message.rerun_script.fragment_id if message.rerun_script.is_auto_rerun else ""


def is_over(frame: bytes) -> bool:
    """Whether this tells the browser that a run of the page is over."""
    if not 0 < len(frame) < SHORT:
        return False
    return bool(ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished")

"""Drops the orders by which one browser could change the whole server.

Streamlit's own menu can clear what the process keeps for all sessions. Our pages do not show that
menu, but any program may send its order: it would make the service anew for everybody, and begin
the counts of wrong codes again.
"""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from server.frames import said

log = logging.getLogger("tinylm.server")


class NoOrdersForAll:
    """Lets all messages of a websocket through but the one that clears everybody's caches."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def receive_harmless() -> Message:
            while clears_all(said(message := await receive())):
                log.warning("Refused to clear what is kept for all sessions.")
            return message

        await self.app(scope, receive_harmless, send)


def clears_all(message: BackMsg) -> bool:
    """Whether this message would clear what the process keeps for all sessions."""
    return bool(message.WhichOneof("type") == "clear_cache")

"""Keeps a page in the browser when something still asks for a part of the page before it.

The timer of a page that a learner leaves may ask for its part while the new page is being drawn.
Streamlit answers after that, finds the part gone, and tells the browser of a run of the page
before. The browser takes this for a change of pages and removes all that the new page drew: its
frame and its foot stay, and nothing between them comes back before a reload.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from server.frames import said
from server.ticks import ticking


class StaysOnThePage:
    """Drops what timers of a page that was left ask, and what tells of runs of that page's parts.

    Clicks are passed on. It stands outside TicksInTurn, which would wait for the answer to what is
    dropped here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        told = Told()

        async def receive_of_page() -> Message:
            while told.comes_late(said(message := await receive())):
                pass
            return message

        async def send_of_page(message: Message) -> None:
            frame = message.get("bytes")
            if not frame or told.note(frame):
                await send(message)

        await self.app(scope, receive_of_page, send_of_page)


class Told:
    """What the browser at the other end of one connection was told: which page it shows."""

    def __init__(self) -> None:
        self._page = ""  # Streamlit's hash of it; "" before the first
        self._main = ""
        self._late: set[str] = set()  # runs of parts of other pages

    def comes_late(self, message: BackMsg) -> bool:
        """Whether the timer of a page that is no longer shown sent this."""
        return bool(ticking(message)) and self._is_other(message.rerun_script.page_script_hash)

    def note(self, frame: bytes) -> bool:
        """Note which page a message leads to; whether to send it."""
        message = ForwardMsg.FromString(frame)
        kind, run = message.WhichOneof("type"), message.metadata.run
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "page_not_found":
            self._page = self._main
        elif kind == "new_session":
            page = message.new_session.page_script_hash
            if not run.fragment_ids:
                self._page, self._main = page, message.new_session.main_script_hash
            elif self._is_other(page):
                self._late.add(run.script_run_id)
                return False
        elif kind == "script_finished" and run.script_run_id in self._late:
            self._late.discard(run.script_run_id)
            return False
        return True

    def _is_other(self, page: str) -> bool:
        return bool(self._page) and page != self._page

"""A viewer of a run, who now and then chooses another measure of the curve."""

from __future__ import annotations

import asyncio
import time
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection

from benchmarks.pages.session import OVER, Missing, Session, connection
from ui.charts.training import MEASURES

CHOICES = {"perplexity": "perplexity", "bits per byte": "bits_per_byte", "loss": "loss"}
PATIENCE = 30.0  # seconds after which an answer counts as missing


@dataclass
class Click:
    """A choice that was made but that the plot does not show yet."""

    label: bytes  # how the plot's description begins once it shows the choice
    drawn: bool = False
    seen: asyncio.Event = field(default_factory=asyncio.Event)


class Viewer(Session):
    """One tab of a browser that looks at a run."""

    def __init__(self, socket: ClientConnection, run_id: str) -> None:
        super().__init__(socket)
        self._path, self._query = "pretrain", f"run={run_id}"
        self._radio: tuple[str, str] | None = None  # its id, and the fragment that holds it
        self._click: Click | None = None
        self._since = 0  # bytes since the last run of the script ended
        self.updates: list[int] = []  # bytes of each update of the curve without a click
        self.shown = asyncio.Event()  # the whole page is there

    async def look(self) -> None:
        """Ask for the page, then receive until the connection ends."""
        await self._ask()
        await self.receive()

    async def click(self, choice: str) -> float:
        """Choose a measure. Returns the seconds until the plot shows it. Raises Missing."""
        if self._radio is None:
            raise Missing("The page has no choice of measures.")
        widget, fragment = self._radio
        self._widgets[widget] = WidgetState(id=widget, string_value=choice)
        self._click = click = Click(f"{MEASURES[CHOICES[choice]]} over ".encode())
        started = time.perf_counter()
        await self._ask(fragment)
        try:
            await asyncio.wait_for(click.seen.wait(), PATIENCE)
        except TimeoutError as error:
            raise Missing("The plot did not change after a click.") from error
        return time.perf_counter() - started

    def _receive(self, frame: bytes) -> None:
        self._since += len(frame)
        super()._receive(frame)

    def _draw(self, message: ForwardMsg, frame: bytes) -> None:
        """Find the choice of measures, and check whether the plot shows a click."""
        super()._draw(message, frame)
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "radio":
            self._radio = (element.radio.id, message.delta.fragment_id)
        elif kind == "exception":
            raise Missing(f"The page shows an error: {element.exception.message}")
        elif kind == "bidi_component" and self._click is not None:
            self._click.drawn = self._click.drawn or self._click.label in frame

    def _finish(self, how: Any) -> None:
        super()._finish(how)
        if how not in OVER:
            return
        if self._click is not None and self._click.drawn:
            self._click.seen.set()
            self._click = None
        elif self._radio is not None and self._radio[1] in self._running:
            self.updates.append(self._since)
        self._since = 0
        self.shown.set()


@asynccontextmanager
async def viewer(address: str, run_id: str) -> AsyncIterator[Viewer]:
    """A viewer who sees the page of this run. Raises Missing if the page does not come."""
    async with connection(address) as socket:
        one = Viewer(socket, run_id)
        looking = asyncio.create_task(one.look())
        try:
            shown = asyncio.create_task(one.shown.wait())
            await asyncio.wait({shown, looking}, timeout=PATIENCE, return_when=FIRST_COMPLETED)
            if looking.done():
                looking.result()  # what went wrong
            if not shown.done():
                raise Missing("The page did not come.")
            yield one
        finally:
            await socket.close()
            await looking

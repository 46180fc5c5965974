"""A viewer of a run as a websocket client that speaks Streamlit's protocol, without a browser."""

from __future__ import annotations

import asyncio
import time
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from streamlit.proto.AutoRerun_pb2 import AutoRerun
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tinylm.learners import new_code
from ui.charts.training import MEASURES

CHOICES = {"perplexity": "perplexity", "bits per byte": "bits_per_byte", "loss": "loss"}
PATIENCE = 30.0  # seconds after which an answer counts as missing
OVER = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Missing(Exception):
    """Something that a viewer waited for did not come."""


@dataclass
class Click:
    """A choice that was made but that the plot does not show yet."""

    label: bytes  # how the plot's description begins once it shows the choice
    drawn: bool = False
    seen: asyncio.Event = field(default_factory=asyncio.Event)


class Viewer:
    """One tab of a browser that looks at a run."""

    def __init__(self, socket: ClientConnection, run_id: str) -> None:
        self._socket = socket
        self._query = f"run={run_id}"
        self._page = ""
        self._widgets: dict[str, WidgetState] = {}
        self._radio: tuple[str, str] | None = None  # its id, and the fragment that holds it
        self._kept: dict[str, bytes] = {}  # messages that the server may refer to, by hash
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._click: Click | None = None
        self._running: list[str] = []  # fragments that now run; empty for the whole page
        self._since = 0  # bytes since the last run of the script ended
        self.received = 0  # bytes in all
        self.updates: list[int] = []  # bytes of each update of the curve without a click
        self.shown = asyncio.Event()  # the whole page is there

    async def look(self) -> None:
        """Ask for the page, then receive until the connection ends."""
        await self._ask()
        with suppress(ConnectionClosed):
            async for frame in self._socket:
                assert isinstance(frame, bytes)
                self._receive(frame)
        for timer in self._timers.values():
            timer.cancel()

    async def click(self, choice: str) -> float:
        """Choose a measure. Returns the seconds until the plot shows it. Raises Missing."""
        if self._radio is None:
            raise Missing("The page has no choice of measures.")
        widget, fragment = self._radio
        self._widgets[widget].string_value = choice
        self._click = click = Click(f"{MEASURES[CHOICES[choice]]} over ".encode())
        started = time.perf_counter()
        await self._ask(fragment)
        try:
            await asyncio.wait_for(click.seen.wait(), PATIENCE)
        except TimeoutError as error:
            raise Missing("The plot did not change after a click.") from error
        return time.perf_counter() - started

    async def _ask(self, fragment: str = "", *, auto: bool = False) -> None:
        """Ask the server to run the whole script, or one fragment of it."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        state.page_script_hash = self._page
        state.page_name = "" if self._page else "pretrain"
        state.fragment_id = fragment
        state.is_auto_rerun = auto
        state.cached_message_hashes.extend(self._kept)
        state.widget_states.widgets.extend(self._widgets.values())
        with suppress(ConnectionClosed):
            await self._socket.send(message.SerializeToString())

    def _receive(self, frame: bytes) -> None:
        self._since += len(frame)
        self.received += len(frame)
        message = ForwardMsg.FromString(frame)
        if message.metadata.cacheable:
            self._kept[message.hash] = frame
        if message.ref_hash:
            frame = self._kept[message.ref_hash]
            message = ForwardMsg.FromString(frame)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._set_timer(message.auto_rerun)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._end_timer(fragment)
        elif kind == "delta":
            self._draw(message.delta, frame)
        elif kind == "script_finished" and message.script_finished in OVER:
            self._finish()

    def _begin(self, message: ForwardMsg) -> None:
        """A run of the script begins. A run of the whole page ends all earlier timers."""
        self._running = list(message.metadata.run.fragment_ids)
        if not self._running:
            for fragment in list(self._timers):
                self._end_timer(fragment)

    def _finish(self) -> None:
        if self._click is not None and self._click.drawn:
            self._click.seen.set()
            self._click = None
        elif self._radio is not None and self._radio[1] in self._running:
            self.updates.append(self._since)
        self._since = 0
        self.shown.set()

    def _draw(self, delta: Delta, frame: bytes) -> None:
        """Keep the state of the curve's widgets, and check whether the plot shows a click."""
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "radio" and element.radio.id not in self._widgets:
            radio = element.radio
            chosen = radio.options[radio.default]
            self._widgets[radio.id] = WidgetState(id=radio.id, string_value=chosen)
            self._radio = (radio.id, delta.fragment_id)
        elif kind == "checkbox" and element.checkbox.id not in self._widgets:
            box = element.checkbox
            self._widgets[box.id] = WidgetState(id=box.id, bool_value=box.default)
        elif kind == "exception":
            raise Missing(f"The page shows an error: {element.exception.message}")
        elif kind == "bidi_component" and self._click is not None:
            self._click.drawn = self._click.drawn or self._click.label in frame

    def _set_timer(self, message: AutoRerun) -> None:
        self._end_timer(message.fragment_id)
        repeat = self._repeat(message.fragment_id, message.interval)
        self._timers[message.fragment_id] = asyncio.create_task(repeat)

    def _end_timer(self, fragment: str) -> None:
        timer = self._timers.pop(fragment, None)
        if timer is not None:
            timer.cancel()

    async def _repeat(self, fragment: str, interval: float) -> None:
        """Like a browser's setInterval: ask at fixed times, even if the last run is not over."""
        due = time.perf_counter()
        while True:
            due += interval
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self._ask(fragment, auto=True)


@asynccontextmanager
async def viewer(address: str, run_id: str) -> AsyncIterator[Viewer]:
    """A viewer who sees the page of this run. Raises Missing if the page does not come."""
    name = f"tinylm_learner={new_code()}"
    async with connect(
        address.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": name},
        max_size=None,
    ) as socket:
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

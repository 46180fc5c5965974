"""A learner's tab as a websocket client: it opens pages, presses, chooses, types, and reads.

It speaks Streamlit's protocol as the page in a browser does, without drawing anything: it runs live
fragments again at the intervals that the server names, keeps large messages so that the server may
refer to them, and forgets elements that a newer run of the script did not draw again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.AutoRerun_pb2 import AutoRerun
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tinylm.learners import new_code

PATIENCE = 60.0  # seconds after which an answer counts as missing
OVER = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
ERROR = 1  # the format of an alert that says what went wrong

Path = tuple[int, ...]


class Missing(Exception):
    """Something that a session waited for did not come, or an error stood on the page."""


@dataclass(frozen=True)
class Shown:
    """One element or block on the page."""

    run: str  # of the script, the last one that drew it
    fragment: str
    element: Element | None  # None for a block


class Session:
    """One tab of a browser. Times are in seconds."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._page, self._path, self._query = "", "", ""
        self._pages: dict[str, str] = {}  # the hash of each page, by its path
        self._shown: dict[Path, Shown] = {}
        self._widgets: dict[str, WidgetState] = {}  # what was changed here
        self._kept: dict[str, bytes] = {}  # messages that the server may refer to, by hash
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._run, self._running = "", list[str]()  # the fragments; none for the whole page
        self._awaited: str | None = None  # what was asked for here and has not begun
        self._begun = False  # what was asked for here is running
        self._ended = asyncio.Event()  # it is over
        self.received = 0  # bytes
        self.clicks: list[tuple[str, float]] = []  # what was done, and how long its answer took
        self.errors: list[str] = []  # sentences of errors that stood on a page
        self.on_message: Callable[[bytes], None] = lambda _frame: None

    # What a learner does

    async def open(self, path: str, **query: str) -> None:
        """Go to a page by its path; "start" is the first. Raises Missing."""
        for fragment in list(self._timers):
            self._end_timer(fragment)
        self._query = urlencode(query)
        self._path = path
        self._page = self._pages.get(path, "")
        await self._do(f"open {path}")

    async def press(self, label: str) -> None:
        """Press the first button whose label begins so. Raises Missing."""
        shown = self._widget("button", label)
        assert shown.element is not None
        pressed = WidgetState(id=shown.element.button.id, trigger_value=True)
        await self._do(f"press {label}", shown.fragment, pressed)

    async def choose(self, label: str, option: str) -> None:
        """Choose an option, whose name begins so, of the first choice with this label."""
        for kind in ("radio", "selectbox", "button_group"):
            with suppress(Missing):
                shown = self._widget(kind, label)
                break
        else:
            raise Missing(f"There is no choice {label!r} on {self._path}.")
        assert shown.element is not None
        proto = getattr(shown.element, kind)
        named = [one if isinstance(one, str) else one.content for one in proto.options]
        found = next((one for one in named if one.startswith(option)), None)
        if found is None:
            raise Missing(f"{label!r} on {self._path} has no {option!r}, but {named}.")
        state = WidgetState(id=proto.id)
        if kind == "button_group":
            state.string_array_value.data.append(found)
        else:
            state.string_value = found
        self._widgets[proto.id] = state
        await self._do(f"choose {label}", shown.fragment)

    async def type(self, label: str, text: str) -> None:
        """Type into the first text field with this label. Raises Missing."""
        for kind in ("text_area", "text_input"):
            with suppress(Missing):
                shown = self._widget(kind, label)
                break
        else:
            raise Missing(f"There is no field {label!r} on {self._path}.")
        assert shown.element is not None
        name = getattr(shown.element, kind).id
        self._widgets[name] = WidgetState(id=name, string_value=text)
        await self._do(f"type {label}", shown.fragment)

    async def slide(self, label: str, value: float) -> None:
        """Set the first slider whose label begins so. Raises Missing."""
        shown = self._widget("slider", label)
        assert shown.element is not None
        name = shown.element.slider.id
        self._widgets[name] = state = WidgetState(id=name)
        state.double_array_value.data.append(value)
        await self._do(f"slide {label}", shown.fragment)

    async def until(self, see: Callable[[str], bool], patience: float, what: str) -> float:
        """Wait until the words on the page are as wanted; returns the seconds. Raises Missing."""
        began = time.perf_counter()
        while not see(self.text()):
            if time.perf_counter() - began > patience:
                raise Missing(f"{what} did not come on {self._path} in {patience:.0f} s.")
            await asyncio.sleep(0.2)
        return time.perf_counter() - began

    # What stands on the page

    def text(self) -> str:
        """All words on the page, in the order of their places."""
        return "\n".join(filter(None, (words(one) for _, one in self._elements())))

    def labels(self, kind: str = "button") -> list[str]:
        """The labels of all widgets of one kind."""
        return [
            str(getattr(shown.element, kind).label)
            for _, shown in self._elements()
            if shown.element is not None and shown.element.WhichOneof("type") == kind
        ]

    @property
    def query(self) -> str:
        """What stands behind the question mark in the address."""
        return self._query

    def _elements(self) -> list[tuple[Path, Shown]]:
        return sorted((path, shown) for path, shown in self._shown.items())

    def _widget(self, kind: str, label: str) -> Shown:
        for _, shown in self._elements():
            element = shown.element
            if element is not None and element.WhichOneof("type") == kind:
                proto = getattr(element, kind)
                if proto.label.startswith(label) and not proto.disabled:
                    return shown
        there = self.labels(kind)
        raise Missing(f"There is no {kind} {label!r} to use on {self._path}, among {there}.")

    # The protocol

    async def receive(self) -> None:
        """Receive until the connection ends."""
        with suppress(ConnectionClosed):
            async for frame in self._socket:
                assert isinstance(frame, bytes)
                self._receive(frame)
        for fragment in list(self._timers):
            self._end_timer(fragment)

    async def _do(self, what: str, fragment: str = "", pressed: WidgetState | None = None) -> None:
        """Ask the server to run the script, or one fragment of it, and wait for its end."""
        self._ended.clear()
        self._awaited, self._begun = fragment, False
        started = time.perf_counter()
        await self._ask(fragment, pressed)
        try:
            await asyncio.wait_for(self._ended.wait(), PATIENCE)
        except TimeoutError as error:
            raise Missing(f"{what} on {self._path}: no answer in {PATIENCE:.0f} s.") from error
        self.clicks.append((what, time.perf_counter() - started))
        self.errors += [f"{self._path}: {one}" for one in self._problems()]

    def _problems(self) -> list[str]:
        found = []
        for _, shown in self._elements():
            if shown.element is None:
                continue
            kind = shown.element.WhichOneof("type")
            if kind == "exception":
                found.append(shown.element.exception.message)
            elif kind == "alert" and shown.element.alert.format == ERROR:
                found.append(shown.element.alert.body)
        return found

    async def _ask(
        self, fragment: str = "", pressed: WidgetState | None = None, *, auto: bool = False
    ) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        state.page_script_hash = self._page
        state.page_name = "" if self._page or self._path == "start" else self._path
        state.fragment_id = fragment
        state.is_auto_rerun = auto
        state.cached_message_hashes.extend(self._kept)
        state.widget_states.widgets.extend(self._widgets.values())
        if pressed is not None:
            state.widget_states.widgets.append(pressed)
        with suppress(ConnectionClosed):
            await self._socket.send(message.SerializeToString())

    def _receive(self, frame: bytes) -> None:
        self.received += len(frame)
        message = ForwardMsg.FromString(frame)
        if message.metadata.cacheable:
            self._kept[message.hash] = frame
        if message.ref_hash:
            place = message.metadata
            frame = self._kept[message.ref_hash]
            message = ForwardMsg.FromString(frame)
            message.metadata.CopyFrom(place)
        self.on_message(frame)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
            for page in message.navigation.app_pages:
                self._pages[page.url_pathname or "start"] = page.page_script_hash
                if page.page_script_hash == self._page:
                    self._path = page.url_pathname or "start"
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._set_timer(message.auto_rerun)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._end_timer(fragment)
        elif kind == "delta":
            self._draw(message, frame)
        elif kind == "script_finished":
            self._finish(message.script_finished)

    def _begin(self, message: ForwardMsg) -> None:
        """A run of the script begins. A run of the whole page ends all earlier timers."""
        self._run = message.metadata.run.script_run_id
        self._running = list(message.metadata.run.fragment_ids)
        if self._awaited is not None and (not self._running or self._awaited in self._running):
            self._awaited, self._begun = None, True
        if not self._running:
            for fragment in list(self._timers):
                self._end_timer(fragment)

    def _draw(self, message: ForwardMsg, _frame: bytes) -> None:
        delta = message.delta
        kind = delta.WhichOneof("type")
        if kind not in ("new_element", "add_block"):
            return
        element = delta.new_element if kind == "new_element" else None
        path = tuple(message.metadata.delta_path)
        self._shown[path] = Shown(self._run, delta.fragment_id, element)

    def _finish(self, how: Any) -> None:
        if how not in OVER:  # another run takes its place
            if self._begun:
                self._awaited, self._begun = "", False
            return
        scope = set(self._running)
        stale = [
            path
            for path, shown in self._shown.items()
            if shown.run != self._run and (not scope or shown.fragment in scope)
        ]
        for path in stale:
            del self._shown[path]
        if self._begun:
            self._begun = False
            self._ended.set()

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


def words(shown: Shown) -> str:
    """The words of one element."""
    element = shown.element
    if element is None:
        return ""
    kind = element.WhichOneof("type")
    if kind is None:
        return ""
    proto = getattr(element, kind)
    return "\n".join(
        str(getattr(proto, name))
        for name in ("label", "body", "text", "code_text", "message")
        if getattr(proto, name, "")
    )


@asynccontextmanager
async def connection(address: str, code: str = "") -> AsyncIterator[ClientConnection]:
    """A connection such as a browser opens; `code` is the learner's, a new one where it is ""."""
    async with connect(
        address.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": f"tinylm_learner={code or new_code()}"},
        max_size=None,
    ) as socket:
        yield socket


@asynccontextmanager
async def session(address: str, code: str = "") -> AsyncIterator[Session]:
    """A learner's tab, on no page yet."""
    async with connection(address, code) as socket:
        one = Session(socket)
        receiving = asyncio.create_task(one.receive())
        try:
            yield one
        finally:
            await socket.close()
            await receiving

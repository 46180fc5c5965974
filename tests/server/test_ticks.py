"""A page's timers ask again only once their last question was answered; clicks always pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from server.ticks import PATIENCE, SHORT, TicksInTurn
from tests.runs_fakes import FakeClock

Step = Callable[[], None]


def asked(fragment: str, *, by_timer: bool = True) -> bytes:
    message = BackMsg()
    message.rerun_script.fragment_id = fragment
    message.rerun_script.is_auto_rerun = by_timer
    return message.SerializeToString()


def over(status: int = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY) -> bytes:
    return ForwardMsg(script_finished=status, hash="h" * 64).SerializeToString()  # type: ignore[arg-type]


class Talk:
    """A conversation over one websocket: what the browser says, and what gets through."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.passed: list[bytes] = []
        self._said: list[Message | Step] = []

    def say(self, *frames: bytes) -> Talk:
        self._said += [{"type": "websocket.receive", "bytes": frame} for frame in frames]
        return self

    def wait(self, seconds: float) -> Talk:
        def later() -> None:
            self.clock.now += seconds

        self._said.append(later)
        return self

    def answers(self, frame: bytes) -> Talk:
        self._said.append({"type": "answer", "bytes": frame})
        return self

    def held(self) -> list[bytes]:
        """What got through."""

        async def receive() -> Message:
            while self._said:
                first = self._said.pop(0)
                if not callable(first):
                    return first
                first()
            return {"type": "websocket.disconnect"}

        async def send(message: Message) -> None:
            pass

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            while (message := await receive())["type"] != "websocket.disconnect":
                if message["type"] == "answer":
                    await send({"type": "websocket.send", "bytes": message["bytes"]})
                else:
                    self.passed.append(message["bytes"])

        asyncio.run(TicksInTurn(app, self.clock)({"type": "websocket"}, receive, send))
        return self.passed


def test_a_timer_asks_once_until_it_is_answered() -> None:
    look, read = asked("look"), asked("read")
    assert Talk().say(look, look, read, look, read).held() == [look, read]
    talk = Talk().say(look, look).answers(over()).say(look, look)
    assert talk.held() == [look, look]


def test_other_messages_are_no_answer() -> None:
    look = asked("look")
    elements = ForwardMsg()
    elements.delta.new_element.markdown.body = "text"
    long = ForwardMsg()
    long.delta.new_element.markdown.body = "text" * SHORT
    talk = Talk().say(look).answers(elements.SerializeToString()).answers(long.SerializeToString())
    assert talk.say(look).held() == [look]


def test_clicks_and_what_is_no_message_pass_at_once() -> None:
    frames = [asked("look"), *[asked("look", by_timer=False)] * 3, asked(""), b"\xff\xff", b""]
    assert Talk().say(*frames).held() == frames


def test_a_timer_that_gets_no_answer_asks_again_after_a_while() -> None:
    look = asked("look")
    talk = Talk().say(look).wait(PATIENCE - 1).say(look).wait(1).say(look)
    assert talk.held() == [look, look]


def test_that_a_run_is_over_is_a_short_message() -> None:
    assert len(over()) < SHORT / 3

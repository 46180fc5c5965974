"""The session of the classroom benchmark: what it knows of a page, and when a click is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.pages.session import ERROR, Missing, Session
from tests.benchmarks.fake_socket import FakeSocket, begin, finish

PART = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
CUT = ForwardMsg.FINISHED_EARLY_FOR_RERUN


def drawn(place: int, fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, place])
    message.delta.fragment_id = fragment
    return message


def button(place: int, label: str, fragment: str = "", *, disabled: bool = False) -> ForwardMsg:
    message = drawn(place, fragment)
    shown = message.delta.new_element.button
    shown.id, shown.label, shown.disabled = f"id of {label}", label, disabled
    return message


def words(place: int, body: str, fragment: str = "") -> ForwardMsg:
    message = drawn(place, fragment)
    message.delta.new_element.markdown.body = body
    return message


def problem(place: int, body: str) -> ForwardMsg:
    message = drawn(place)
    message.delta.new_element.alert.body = body
    message.delta.new_element.alert.format = ERROR
    return message


def told(story: Callable[[FakeSocket, Session], Awaitable[None]]) -> None:
    """Carry out a story with a session on a page of two elements and a fragment."""

    async def whole() -> None:
        socket = FakeSocket()
        one = Session(socket)  # type: ignore[arg-type]
        receiving = asyncio.create_task(one.receive())
        opening = asyncio.create_task(one.open("pretrain", run="a-run"))
        await asyncio.sleep(0)
        page = (words(0, "A heading"), button(1, "Go"), words(2, "0 steps", "live"))
        socket.say(begin(run="1"), *page, finish())
        await opening
        await story(socket, one)
        socket.hang_up()
        await receiving

    asyncio.run(whole())


def test_what_a_newer_run_did_not_draw_is_gone() -> None:
    async def story(socket: FakeSocket, one: Session) -> None:
        assert one.text() == "A heading\nGo\n0 steps"
        socket.say(begin("live", run="2"), words(2, "9 steps", "live"), finish(PART))
        await one.until(lambda text: text == "A heading\nGo\n9 steps", 1.0, "the ninth step")
        socket.say(begin(run="3"), words(0, "Another page"), finish())
        await one.until(lambda text: text == "Another page", 1.0, "another page")
        with pytest.raises(Missing, match="no button 'Go'"):
            await one.press("Go")

    told(story)


def test_a_click_is_over_once_a_run_has_ended_that_began_after_it() -> None:
    async def story(socket: FakeSocket, one: Session) -> None:
        socket.say(begin("live", run="2"))  # a look that was on its way
        await asyncio.sleep(0.01)
        pressing = asyncio.create_task(one.press("Go"))
        await asyncio.sleep(0.01)
        assert [state.trigger_value for state in socket.asked[-1].widget_states.widgets] == [True]
        socket.say(finish(PART))
        await asyncio.sleep(0.01)
        assert not pressing.done()
        socket.say(begin(run="3"), finish(CUT))  # another run takes its place
        await asyncio.sleep(0.01)
        assert not pressing.done()
        socket.say(begin(run="4"), words(0, "Gone"), finish())
        await pressing
        assert [what for what, _ in one.clicks] == ["open pretrain", "press Go"]

    told(story)


def test_an_error_on_the_page_is_kept_in_words() -> None:
    async def story(socket: FakeSocket, one: Session) -> None:
        pressing = asyncio.create_task(one.press("Go"))
        await asyncio.sleep(0.01)
        socket.say(begin(run="2"), problem(0, "The disk is full."), finish())
        await pressing
        assert one.errors == ["pretrain: The disk is full."]

    told(story)


def test_a_button_that_is_switched_off_cannot_be_pressed() -> None:
    async def story(socket: FakeSocket, one: Session) -> None:
        socket.say(begin(run="2"), button(0, "Go", disabled=True), finish())
        await one.until(lambda text: text == "Go", 1.0, "the button alone")
        with pytest.raises(Missing, match="Go"):
            await one.press("Go")

    told(story)

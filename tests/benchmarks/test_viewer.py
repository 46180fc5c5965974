"""The benchmark's viewer: it does what Streamlit's page in a browser does with each message."""

from __future__ import annotations

import asyncio

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.pages.session import Missing
from benchmarks.pages.viewer import Viewer
from benchmarks.pages.viewers import quantile
from tests.benchmarks.fake_socket import FakeSocket, begin, finish

FRAGMENT = "the-curve"


def radio() -> ForwardMsg:
    message = ForwardMsg()
    message.delta.fragment_id = FRAGMENT
    element = message.delta.new_element.radio
    element.id, element.default = "measure", 0
    element.options.extend(["loss", "perplexity"])
    return message


def plot(label: str) -> ForwardMsg:
    message = ForwardMsg(hash=label)
    message.delta.new_element.bidi_component.json = f'{{"label": "{label} over 9 steps."}}'
    message.metadata.cacheable = True
    return message


def timer(interval: float) -> ForwardMsg:
    message = ForwardMsg()
    message.auto_rerun.interval, message.auto_rerun.fragment_id = interval, FRAGMENT
    return message


def chosen(socket: FakeSocket) -> str:
    """The measure in the last message."""
    return str(next(iter(socket.asked[-1].widget_states.widgets)).string_value)


async def opened() -> tuple[FakeSocket, Viewer, asyncio.Task[None]]:
    socket = FakeSocket()
    viewer = Viewer(socket, "a-run")  # type: ignore[arg-type]
    looking = asyncio.create_task(viewer.look())
    socket.say(begin(), radio(), timer(0.01), plot("Loss"), finish())
    await viewer.shown.wait()
    return socket, viewer, looking


def test_a_viewer_asks_for_the_page_and_then_again_as_often_as_it_is_told() -> None:
    async def story() -> None:
        socket, viewer, looking = await opened()
        assert (socket.asked[0].page_name, socket.asked[0].query_string) == (
            "pretrain",
            "run=a-run",
        )
        while len(socket.asked) < 3:
            await asyncio.sleep(0.001)
        assert socket.asked[2].fragment_id == FRAGMENT and socket.asked[2].is_auto_rerun
        assert list(socket.asked[2].cached_message_hashes) == ["Loss"]
        assert viewer.updates == []  # the page itself is none
        update = (
            begin(FRAGMENT),
            plot("Loss"),
            finish(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY),
        )
        socket.say(*update, begin(), finish(), begin("another part"), finish())
        socket.hang_up()
        await looking
        assert viewer.updates == [sum(message.ByteSize() for message in update)]
        before = len(socket.asked)  # a new page without a timer: the old one has ended
        await asyncio.sleep(0.03)
        assert len(socket.asked) == before

    asyncio.run(story())


def test_a_click_is_over_when_the_plot_shows_the_choice() -> None:
    async def story() -> None:
        socket, viewer, looking = await opened()
        click = asyncio.create_task(viewer.click("perplexity"))
        while len(socket.asked) < 2 or chosen(socket) != "perplexity":
            await asyncio.sleep(0.001)
        part = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
        # A look that was on its way shows the old choice, and one that was cut off counts for none.
        socket.say(begin(FRAGMENT), plot("Loss"), finish(part))
        socket.say(begin(FRAGMENT), plot("Perplexity"), finish(ForwardMsg.FINISHED_EARLY_FOR_RERUN))
        await asyncio.sleep(0.01)
        assert not click.done()
        reference = ForwardMsg(ref_hash="Perplexity")
        socket.say(begin(FRAGMENT), reference, finish(part))
        assert await click > 0
        assert len(viewer.updates) == 1  # a click is no update that came by itself
        socket.hang_up()
        await looking

    asyncio.run(story())


def test_an_error_on_the_page_ends_the_measurement() -> None:
    async def story() -> None:
        socket, _, looking = await opened()
        message = ForwardMsg()
        message.delta.new_element.exception.message = "no such thing"
        socket.say(message)
        await looking

    with pytest.raises(Missing, match="no such thing"):
        asyncio.run(story())


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([float(i) for i in range(100)], 0.95) == 95.0
    assert quantile([4.0], 0.95) == 4.0

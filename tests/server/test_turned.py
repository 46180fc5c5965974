"""A page that a learner turned to stays, whatever a part of the page before still asks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from textwrap import dedent

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from server.ticks import TicksInTurn
from server.turned import StaysOnThePage
from tests.browser import ROOT, running_app, running_browser, wait_for_rest

MAIN, CORPUS, PRETRAIN = "main", "corpus", "pretrain"


def begun(page: str, *parts: str, run: str = "first") -> bytes:
    """A run of a page, or of parts of it, has begun."""
    message = ForwardMsg()
    message.new_session.page_script_hash = page
    message.new_session.main_script_hash = MAIN
    return of_run(message, run, *parts)


def over(*parts: str, run: str = "first") -> bytes:
    return of_run(ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY), run, *parts)


def of_run(message: ForwardMsg, run: str, *parts: str) -> bytes:
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(parts)
    return bytes(message.SerializeToString())


def listed(page: str) -> bytes:
    message = ForwardMsg()
    message.navigation.page_script_hash = page
    return bytes(message.SerializeToString())


def not_found() -> bytes:
    message = ForwardMsg()
    message.page_not_found.page_name = "nowhere"
    return bytes(message.SerializeToString())


def drawn() -> bytes:
    message = ForwardMsg()
    message.delta.new_element.markdown.body = "text"
    return bytes(message.SerializeToString())


def asked(page: str, part: str, *, by_timer: bool = True) -> bytes:
    message = BackMsg()
    message.rerun_script.page_script_hash = page
    message.rerun_script.fragment_id = part
    message.rerun_script.is_auto_rerun = by_timer
    return bytes(message.SerializeToString())


def talk(*frames: bytes, then: tuple[bytes, ...] = ()) -> tuple[list[bytes], list[bytes]]:
    """What the browser hears of what the server says, and then the server of what it asks."""
    heard, questions = list[bytes](), list(then)
    passed = []

    async def receive() -> Message:
        if not questions:
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.receive", "bytes": questions.pop(0)}

    async def send(message: Message) -> None:
        if "bytes" in message:
            heard.append(message["bytes"])

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        for frame in frames:
            await send({"type": "websocket.send", "bytes": frame})
        while (message := await receive())["type"] != "websocket.disconnect":
            passed.append(message["bytes"])

    asyncio.run(StaysOnThePage(TicksInTurn(server))({"type": "websocket"}, receive, send))
    return heard, passed


def test_the_timer_of_a_page_that_was_left_asks_nothing() -> None:
    late, now = asked(CORPUS, "sizes"), asked(PRETRAIN, "curve")
    assert talk(begun(CORPUS), then=(late, now))[1] == [late]
    assert talk(begun(CORPUS), begun(PRETRAIN), then=(late, now, late))[1] == [now]


def test_clicks_and_whole_pages_are_always_asked() -> None:
    frames = (
        asked(CORPUS, "sizes", by_timer=False),
        asked(CORPUS, "", by_timer=True),
        asked(CORPUS, "", by_timer=False),
        b"\xff\xff",
    )
    assert talk(begun(PRETRAIN), then=frames)[1] == list(frames)


def test_the_browser_hears_nothing_of_parts_of_the_page_before() -> None:
    late = [begun(CORPUS, "sizes", run="late"), drawn(), over("sizes", run="late")]
    now = [begun(PRETRAIN, "curve", run="now"), drawn(), over("curve", run="now")]
    first = [begun(CORPUS), *late, over()]
    new = [begun(PRETRAIN, run="new"), drawn(), over(run="new")]
    assert talk(*first, *new, *late, *now, *late)[0] == [*first, *new, drawn(), *now, drawn()]


def test_a_timer_with_the_same_part_on_both_pages_goes_on() -> None:
    """Streamlit's name of a part does not tell pages apart: nobody waits for what was dropped."""
    late, now = asked(CORPUS, "look"), asked(PRETRAIN, "look")
    assert talk(begun(CORPUS), begun(PRETRAIN), then=(late, now, now))[1] == [now]
    app = (ROOT / "app.py").read_text(encoding="utf-8")
    assert 0 < app.index("Middleware(StaysOnThePage)") < app.index("Middleware(TicksInTurn)")


@pytest.mark.parametrize(
    ("frame", "page"), [(listed(PRETRAIN), PRETRAIN), (not_found(), MAIN), (drawn(), CORPUS)]
)
def test_the_page_is_the_one_that_the_browser_was_told(frame: bytes, page: str) -> None:
    """Streamlit's list of pages may lead to another page than the one that was asked for."""
    frames = [begun(CORPUS), frame]
    parts = [begun(one, "part", run=one) for one in (CORPUS, PRETRAIN, MAIN)]
    assert talk(*frames, *parts)[0] == [*frames, begun(page, "part", run=page)]


def test_a_connection_that_was_lost_may_begin_with_a_part() -> None:
    frames = [begun(CORPUS, "part"), over("part")]
    assert talk(*frames, then=(asked(CORPUS, "part"),)) == (frames, [asked(CORPUS, "part")])


# A page is left while its timer goes on. The wire lets the browser hear of the new page only once
# the timer has asked; until then the new page is being drawn.
APP = """
    import sys
    import threading

    sys.path.insert(0, {root!r})
    import streamlit as st
    from starlette.middleware import Middleware
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from server.turned import StaysOnThePage


    class Wire:
        late = threading.Event()  # the server has what the timer of the page before asked

        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            if scope["type"] != "websocket":
                await self.app(scope, receive, send)
                return
            pages, held, asked = set(), [], []  # main.py itself, the page before, the page after

            async def hear():
                if asked:  # the message before was taken in
                    self.late.set()
                message = await receive()
                if message.get("bytes") and len(pages) > 2:
                    question = BackMsg.FromString(message["bytes"]).rerun_script
                    asked.extend([True] * question.is_auto_rerun)
                return message

            async def hold(message):
                if message.get("bytes"):
                    told = ForwardMsg.FromString(message["bytes"])
                    whole = not told.metadata.run.fragment_ids
                    if told.WhichOneof("type") == "new_session" and whole:
                        pages.add(told.new_session.page_script_hash)
                if len(pages) < 2 or self.late.is_set():
                    for one in held:
                        await send(one)
                    held.clear()
                    await send(message)
                else:
                    held.append(message)

            await self.app(scope, hear, hold)


    sys.modules["wire"] = sys.modules[__name__]
    app = st.App({main!r}, middleware=[Middleware(Wire)] + {kept})
"""
PAGES = {
    "main.py": """
        import streamlit as st

        page = st.navigation([st.Page("before.py", default=True), st.Page("after.py")])
        st.markdown("The frame")
        page.run()
    """,
    "before.py": """
        import streamlit as st

        @st.fragment(run_every=0.2)
        def part():
            st.markdown("A part")

        part()
        if st.button("Go on"):
            st.switch_page("after.py")
    """,
    "after.py": """
        import streamlit as st
        from pathlib import Path
        from threading import Event
        from wire import Wire

        assert Wire.late.wait(30)
        st.markdown("The body")
        while not Path(__file__).with_name("seen").exists():  # the test has seen the body
            Event().wait(0.02)
    """,
}


@pytest.mark.browser
@pytest.mark.timeout(120)
@pytest.mark.parametrize("stays", [True, False], ids=["with", "without"])
def test_a_browser_keeps_the_new_page(tmp_path: Path, stays: bool) -> None:
    """Once the page stays without it as well, server/turned.py can go."""
    for name, text in PAGES.items():
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    kept = "[Middleware(StaysOnThePage)]" if stays else "[]"
    app = APP.format(root=str(ROOT), main=str(tmp_path / "main.py"), kept=kept)
    (tmp_path / "app.py").write_text(dedent(app), encoding="utf-8")
    parts: list[str] = []  # runs of parts that are over since a whole page was begun

    def note(frame: bytes | str) -> None:
        assert isinstance(frame, bytes)
        message = ForwardMsg.FromString(frame)
        if message.WhichOneof("type") == "script_finished":
            parts.extend(message.metadata.run.fragment_ids)
        elif message.WhichOneof("type") == "new_session" and not message.metadata.run.fragment_ids:
            parts.clear()

    with running_browser() as browser, running_app(tmp_path, app=tmp_path / "app.py") as address:
        page = browser.new_page()
        page.on("websocket", lambda socket: socket.on("framereceived", note))
        page.goto(address)
        page.get_by_role("button", name="Go on").click()
        body = page.get_by_text("The body")
        body.wait_for()
        (tmp_path / "seen").touch()
        if stays:
            wait_for_rest(page)
            assert body.count() and not parts
        else:
            body.wait_for(state="detached")
            assert page.get_by_text("The frame").count() and parts

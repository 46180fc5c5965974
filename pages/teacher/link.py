"""The link of the class, as text and as a picture that a phone's camera reads."""

from __future__ import annotations

import streamlit as st

from pages.teacher import keys
from pages.teacher.addresses import class_addresses, own_addresses, qr_picture
from pages.teacher.reading import look
from tinylm.corpora.files.report import counted
from tinylm.runs.board import HERE
from ui.frame import duration, guarded

COMING_TICK = 3.0  # seconds between two looks at who is here


def the_address() -> str:
    """The address that the class opens; "" where only this computer reaches the server."""
    found = candidates()
    chosen = st.session_state.get(keys.ADDRESS)
    return str(chosen) if chosen in found else next(iter(found), "")


def candidates() -> list[str]:
    return class_addresses(
        str(st.context.url or ""),
        str(st.get_option("browser.serverAddress") or ""),
        int(st.get_option("server.port")),
        str(st.get_option("server.address") or ""),
        own_addresses(),
    )


def class_link() -> None:
    """Show how everybody comes here, and how many have come."""
    found = candidates()
    if not found:
        st.warning(
            "Only this computer reaches this server. For a class, end it and start it with "
            "`--server.address 0.0.0.0`: then the link stands here.",
            icon="🔒",
        )
        return
    if len(found) > 1:
        st.selectbox(
            "This computer is in several networks. In which one is the class?",
            found,
            key=keys.ADDRESS,
            persist_state="session",
        )
    link = the_address()
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left, st.container(key="class-qr"):
        st.image(qr_picture(link), width="stretch", alt=f"QR code of the address {link}")
    with right:
        st.markdown("**Type this address into a browser, or point the camera of a phone at it:**")
        with st.container(key="class-address"):
            st.code(link, language=None, wrap_lines=True)
        who_came()


@st.fragment(run_every=COMING_TICK)
@guarded
def who_came() -> None:
    board = look()
    came = len(board.seats)
    if not came:
        st.markdown("Nobody has come yet.")
        return
    people = counted(came, "learner has", "learners have")
    when = duration(HERE)
    st.markdown(f"**{people} come so far**, and {board.here} clicked in the last {when}.")
    if nameless := sum(not seat.named for seat in board.seats):
        have = counted(nameless, "of them has", "of them have")
        st.markdown(f"{have} no name on the board: it is typed on the page *You*.")

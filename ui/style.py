"""What Streamlit's theme cannot say: cards that are links, readable buttons, a projector's size.

And which part of the page is looked at.
"""

from __future__ import annotations

import streamlit as st

from ui.element import own_element

_element = own_element(__file__, "tinylm_style", '<span class="tinylm-style"></span>')

CARD = "card-"  # how the key of a container begins whose link fills it


PROJECTOR = "projector"  # key of the switch
TOPS = "tops"  # key in the session of how often a page asked for its beginning
PROJECTED = 1.5  # times as large, as in style.css
HIDING_KEY = "h"  # hides what a class does not need to see; for teachers alone (ui/style.js)


def page_style(*, teacher: bool = False) -> None:
    """Load the style sheet of all pages; a teacher may enlarge letters and hide controls."""
    projector = teacher and bool(st.session_state.get(PROJECTOR))
    with st.container(key="page-style"):
        hiding = HIDING_KEY if teacher else ""
        tops = st.session_state.get(TOPS, 0)
        _element(key="style", data={"projector": projector, "key": hiding, "tops": tops})


def to_top() -> None:
    """Scroll to the beginning of the page once, at its next drawing: something new stands there.

    The browser keeps its place, and on a phone what was just started would be far above it.
    """
    st.session_state[TOPS] = st.session_state.get(TOPS, 0) + 1


def sized(pixels: int) -> int:
    """The height of a plot: more of it where the letters are larger."""
    return round(pixels * PROJECTED) if st.session_state.get(PROJECTOR) else pixels


def projector_switch() -> None:
    """The switch for a projector's size, on all pages of this session."""
    st.toggle(
        "Projector size",
        key=PROJECTOR,
        persist_state="session",
        help=f"Larger letters on all pages. The key {HIDING_KEY} hides the side bar and all "
        "controls; press it again to bring them back. It does nothing while you type in a field.",
    )

"""What Streamlit's theme cannot say: cards that are links as a whole, and readable buttons."""

from __future__ import annotations

import streamlit as st

from ui.element import own_element

_element = own_element(__file__, "tinylm_style", '<span class="tinylm-style"></span>')

CARD = "card-"  # how the key of a container begins whose link fills it


def page_style() -> None:
    """Load the style sheet of all pages."""
    with st.container(key="page-style"):
        _element(key="style", data={"of": "all pages"})

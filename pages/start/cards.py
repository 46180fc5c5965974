"""Makes the link in a lesson's card as large as the card, for the mouse and for fingers."""

from __future__ import annotations

import streamlit as st

from ui.element import own_element

_element = own_element(__file__, "tinylm_cards", '<span class="tinylm-cards"></span>')


def stretched_links() -> None:
    """Load the style of the cards, whose containers have keys that begin with "card-"."""
    with st.container(key="cards-style"):
        _element(key="start-cards")

"""An element of a page's own that the browser draws."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


def own_element(file: str, name: str, html: str) -> ComponentRenderer:
    """An element of `html`, with the style sheet and the script that stand beside `file`.

    They have the name of `file` (a module's `__file__`), with the endings .css and .js.
    """
    css, js = (Path(file).with_suffix(end).read_text(encoding="utf-8") for end in (".css", ".js"))
    return st.components.v2.component(name, html=html, css=css, js=js, isolate_styles=False)

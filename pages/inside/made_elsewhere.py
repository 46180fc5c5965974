"""The views of a model that was made elsewhere: it has one step, and no map of our words."""

from __future__ import annotations

import streamlit as st

from pages.inside import keys
from pages.inside.expecting import odds_view
from pages.inside.views import attention_view, lens_view
from pages.inside.writing import write_view
from tinylm.origin import STEP
from tinylm.questions.inside import Inspect
from tinylm.runs.store.rows import RunRow
from ui.asking import ask
from ui.elsewhere import WHAT_IS_LEFT_OUT, described, origin_of
from ui.frame import guarded
from ui.widgets import segments, within

VIEWS = {
    "odds": "What comes next",
    "attention": "Where it looks",
    "write": "Token by token",
    "lens": "Layer by layer",
}


@guarded
def look_at_foreign(run: RunRow, text: str) -> None:
    """Show one view of the model; `text` is what the field has at first."""
    origin = origin_of(run)
    if origin is None:
        return
    st.markdown(described(run, origin))
    written = st.text_input("Your text", text, key=keys.INSIDE_TEXT, persist_state="session")
    asked = within(written, 400)
    view = segments(
        "View", list(VIEWS), "odds", key=keys.INSIDE_FOREIGN_VIEW, names=VIEWS.__getitem__
    )
    if view == "write":
        write_view(run, STEP, asked)
    elif found := ask(Inspect(run.id, STEP, asked), "Looking inside …"):
        if view == "odds":
            odds_view(run, STEP, found)
        elif view == "attention":
            attention_view(found)
        else:
            lens_view(found)
    st.markdown(
        f":small[{WHAT_IS_LEFT_OUT} The slider over the steps, the map of words and the patched "
        "heads are therefore shown for your own models only.]"
    )

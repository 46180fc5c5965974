"""The meaning of every term: beside its first place on a page, and in a list at the page's foot.

All terms stand in assets/glossary.json. The browser finds them in the text (assets/glossary.js),
so that a lesson needs to do nothing for it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec
import streamlit as st

from tinylm.codec import decode
from ui.plot import ASSETS, VERSION

# At the beginning of the key of a container with a text that a lesson only quotes: a sample of a
# model, or a sentence of a corpus. No term is explained in it.
QUOTED = "quoted"
_HTML = (
    '<details class="tinylm-terms" hidden><summary>📖 The terms on this page</summary><dl></dl>'
    "</details>"
)
_JS = f"""const from = location.origin + "/assets/tinylm/glossary.js?v={VERSION}";
export default async ({{ parentElement }}) =>
  (await import(from)).explain(parentElement.querySelector(".tinylm-terms"));
"""
_CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")

_element = st.components.v2.component(
    "tinylm_terms", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
)


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term of the field, its other forms, and what it means in one or two sentences."""

    term: str
    says: str
    forms: tuple[str, ...] = ()
    everyday: tuple[str, ...] = ()  # phrases with one of the forms that mean something else
    exact: bool = False  # whether it is meant only where its capitals are the same


@lru_cache(maxsize=1)
def glossary() -> tuple[Term, ...]:
    """All terms."""
    return decode((ASSETS / "glossary.json").read_text(encoding="utf-8"), tuple[Term, ...])


def explain_terms() -> None:
    """Explain the terms of the page that is drawn."""
    _element(key="glossary", data={"version": VERSION})

"""A text with each token shaded by how much it surprised the model, its bits written below.

One colour, deeper for more, and the number beside it: nobody has to tell colours apart. The
browser builds it with textContent alone, so a text can hold any markup and does nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from ui.charts.base import visible

DEEPEST = 10.0  # bits that take the full colour: odds of 1 in 1,024 or less
LEAST = 1e-6  # of the odds: what is rounded to 0 is at most 20 bits here

_HTML = '<div class="tinylm-surprise" tabindex="0" role="img"></div>'

_CSS = """
.tinylm-surprise {
  display: flex; flex-wrap: wrap; gap: 3px; color: var(--st-text-color);
  font-family: var(--st-code-font, monospace); margin: 0.25rem 0 0.75rem;
}
.tinylm-surprise span {
  display: inline-flex; flex-direction: column; align-items: center; border-radius: 0.25rem;
  border: 1px solid #2378c4; padding: 0.1rem 0.3rem; max-width: 100%; overflow-wrap: anywhere;
}
.tinylm-surprise small { font-family: var(--st-font); font-size: 0.75rem; }
"""

_JS = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tinylm-surprise");
  const line = document.createDocumentFragment();
  for (const [text, bits, depth] of data.tokens) {
    const token = document.createElement("span"), number = document.createElement("small");
    token.textContent = text;
    number.textContent = bits;
    token.style.backgroundColor = `rgba(35, 120, 196, ${depth})`;
    token.append(number);
    line.append(token);
  }
  root.replaceChildren(line);
  root.setAttribute("aria-label", data.label);
}
"""

_element = st.components.v2.component(
    "tinylm_surprise", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
)


def surprise_of(tokens: Sequence[str], given: Sequence[float | None]) -> list[tuple[str, float]]:
    """Each token after the first with its surprise in bits, -log2 of its probability.

    `given[t]` is the probability of token t + 1: see `Inspection.given`.
    """
    pairs = zip(tokens[1:], given, strict=False)
    return [
        (token, max(0.0, -math.log2(max(chance, LEAST))))
        for token, chance in pairs
        if chance is not None
    ]


def shades(found: Sequence[tuple[str, float]]) -> list[tuple[str, str, float]]:
    """What is drawn of each token: its text, its bits, and how deep its colour is (0 to 0.6)."""
    return [
        (visible(token), f"{bits:.1f}", round(0.6 * min(bits / DEEPEST, 1.0), 3))
        for token, bits in found
    ]


def describe(found: Sequence[tuple[str, float]]) -> str:
    """The text with its bits, for people who cannot see it."""
    told = ", ".join(f"{visible(token)} {bits:.1f}" for token, bits in found)
    return f"Surprise in bits at each token: {told}"


def surprise_text(found: Sequence[tuple[str, float]], *, key: str) -> None:
    """Draw the tokens; `found` is what `surprise_of` returns."""
    _element(key=key, data={"tokens": shades(found), "label": describe(found)})

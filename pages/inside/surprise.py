"""A text with each token shaded by how much it surprised the model, and its bits written below.

There is one colour, deeper for more surprise, and the number stands beside it, so nobody has to
tell colours apart. The browser sets textContent only, so markup in a text has no effect.
"""

from __future__ import annotations

from collections.abc import Sequence

from ui.charts.base import visible
from ui.element import own_element

DEEPEST = 10.0  # bits from which on the colour is full: a probability of at most 1/1024

_HTML = '<div class="tinylm-surprise" tabindex="0" role="img"></div>'

_element = own_element(__file__, "tinylm_surprise", _HTML)


def shades(found: Sequence[tuple[str, float]]) -> list[tuple[str, str, float]]:
    """What is drawn for each token: its text, its bits, and how deep its colour is (0 to 0.6)."""
    return [
        (visible(token), f"{bits:.1f}", round(0.6 * min(bits / DEEPEST, 1.0), 3))
        for token, bits in found
    ]


def describe(found: Sequence[tuple[str, float]]) -> str:
    """The tokens and their bits as a sentence, for people who cannot see the picture."""
    told = ", ".join(f"{visible(token)} {bits:.1f}" for token, bits in found)
    return f"Surprise in bits at each token: {told}"


def surprise_text(found: Sequence[tuple[str, float]], *, key: str) -> None:
    """Draw the shaded tokens; `found` is what `ui.spans.surprise_of` returns."""
    _element(key=key, data={"tokens": shades(found), "label": describe(found)})

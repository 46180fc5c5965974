"""A text with each token shaded by how much it surprised the model, its bits written below.

One colour, deeper for more, and the number beside it: nobody has to tell colours apart. The
browser builds it with textContent alone, so a text can hold any markup and does nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ui.charts.base import visible
from ui.element import own_element

DEEPEST = 10.0  # bits that take the full colour: odds of 1 in 1,024 or less
LEAST = 1e-6  # of the odds: what is rounded to 0 is at most 20 bits here

_HTML = '<div class="tinylm-surprise" tabindex="0" role="img"></div>'

_element = own_element(__file__, "tinylm_surprise", _HTML)


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

"""The words of a text that a model read as tokens, and how much each of them surprised it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ui.charts.base import visible

LEAST = 1e-6  # probability used for one that was rounded to 0; it gives 20 bits
LONG_ODDS = 20  # bits: beyond these, the exact odds tell nobody anything


class Span(NamedTuple):
    """A word or a token of a text, with the places of its first and last token."""

    text: str
    first: int
    last: int


def surprise_of(tokens: Sequence[str], given: Sequence[float | None]) -> list[tuple[str, float]]:
    """Each token after the first with its surprise: -log2 of its probability, in bits.

    `given[t]` is the probability of token t + 1; see `Inspection.given`.
    """
    pairs = zip(tokens[1:], given, strict=False)
    return [
        (token, max(0.0, -math.log2(max(chance, LEAST))))
        for token, chance in pairs
        if chance is not None
    ]


def each_token(tokens: Sequence[str]) -> list[Span]:
    """One span a token; the first token is the separator before the text."""
    return [Span(token, i, i) for i, token in enumerate(tokens)][1:]


def each_word(tokens: Sequence[str]) -> list[Span]:
    """One span a word: a word with the space before it, a number, or marks."""
    found: list[Span] = []
    for place, token in enumerate(tokens[1:], 1):
        if found and not token[:1].isspace() and _kind(token[0]) == _kind(found[-1].text[-1]):
            found[-1] = Span(found[-1].text + token, found[-1].first, place)
        else:
            found.append(Span(token, place, place))
    return found


def _kind(character: str) -> str:
    """Letters and the signs that stand for a part of one, digits, or marks."""
    if character.isalpha() or character == "\N{REPLACEMENT CHARACTER}":
        return "letter"
    return "digit" if character.isnumeric() else "mark"


def by_span(spans: Sequence[Span], bits: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The surprise of each span: the sum over its tokens, because probabilities multiply.

    `bits` holds the surprise of each token after the separator.
    """
    return [
        (span.text, sum(amount for _, amount in bits[span.first - 1 : span.last])) for span in spans
    ]


def most_surprising(found: Sequence[tuple[str, float]]) -> str:
    """Markdown: which word or token was least expected, in bits and as odds. `found` has some."""
    text, bits = max(found, key=lambda pair: pair[1])
    odds = f"{'less than ' * (bits > LONG_ODDS)}1 in {2 ** min(bits, LONG_ODDS):,.0f}"
    name = visible(text).lstrip("␣").replace("`", "´")
    return f"`{name}`: {bits:.1f} bits, because the model had given it odds of {odds} there"

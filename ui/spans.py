"""The words of a text that a model read as tokens, and how much each of them surprised it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ui.charts.base import visible

LEAST = 1e-6  # probability used for one that was rounded to 0; it gives 20 bits
READABLE = 1e12  # a number beyond it is told by its digits


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
    name = visible(text).lstrip("␣").replace("`", "´")
    return (
        f"`{name}`: {bits:.1f} bits, because the model had given it odds of about "
        f"{one_in(2**-bits)} there"
    )


def worse_than_blind(spans: Sequence[Span], bits: Sequence[tuple[str, float]], choices: int) -> str:
    """Markdown about the greatest surprise where it is more than that of blind guessing; else "".

    Who guesses blind gives the same odds to each of `choices` tokens, for each token of the span.
    """
    place = max(range(len(bits)), key=lambda i: bits[i][1])
    tokens = spans[place].last - spans[place].first + 1
    blind = tokens * math.log2(choices)
    if bits[place][1] <= blind:
        return ""
    again = f", {tokens} times in a row," if tokens > 1 else ""
    return (
        f"That is worse than blind guessing: equal odds for all {choices:,} tokens{again} would be "
        f"a surprise of {blind:.1f} bits. The model had laid nearly all its odds on something else "
        "there."
    )


def one_in(chance: float) -> str:
    """A small probability in words: "1 in 81,000", "1 in a number of 33 digits"."""
    times = 1 / chance
    if times < READABLE:
        digits = max(0, math.floor(math.log10(times)) - 1)
        return f"1 in {round(times, -digits):,.0f}"
    return f"1 in a number of {math.floor(math.log10(times)) + 1} digits"

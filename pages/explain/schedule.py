"""When a statement is asked again: boxes as in Leitner's card index.

A right judgement moves a statement one box up, and a wrong one moves it back into the first. The
higher the box, the longer it rests. Times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

MINUTE, DAY = 60.0, 86_400.0
# How long a statement rests, by its box. The first one is for what was missed.
RESTS = (10 * MINUTE, DAY, 3 * DAY, 7 * DAY, 21 * DAY)


class Card(msgspec.Struct, frozen=True):
    """Where a statement stands."""

    box: int
    due: float  # when it is asked again


Cards = Mapping[str, Card]


def judged(cards: Cards, name: str, right: bool, now: float) -> dict[str, Card]:
    """The cards after the statement `name` was judged at the time `now`."""
    box = min(cards[name].box + 1 if name in cards else 1, len(RESTS) - 1) if right else 0
    return {**cards, name: Card(box, now + RESTS[box])}


def due(cards: Cards, names: Iterable[str], now: float) -> list[str]:
    """The statements to ask now: first what is to be repeated, the lowest box first, then new ones.

    A card that rests for longer than any box allows was made by a clock that was wrong, so it is
    asked as well.
    """
    listed = list(names)
    repeated = [
        name for name in listed if name in cards and not now < cards[name].due <= now + max(RESTS)
    ]
    repeated.sort(key=lambda name: (cards[name].box, cards[name].due))
    return repeated + [name for name in listed if name not in cards]


def next_due(cards: Cards, now: float) -> float | None:
    """Seconds until the next statement is asked again; None where none waits."""
    return min((card.due - now for card in cards.values() if card.due > now), default=None)


def to_plain(cards: Cards) -> dict[str, list[float]]:
    """The cards as plain data, to be kept."""
    return {name: [card.box, card.due] for name, card in cards.items()}


def from_plain(value: object, names: Iterable[str]) -> dict[str, Card]:
    """The cards that `to_plain` made; what has another form, or another name, is left out."""
    known = set(names)
    try:
        kept = msgspec.convert(value, dict[str, tuple[int, float]])
    except msgspec.ValidationError:
        return {}
    return {
        name: Card(box, due)
        for name, (box, due) in kept.items()
        if name in known and 0 <= box < len(RESTS)
    }

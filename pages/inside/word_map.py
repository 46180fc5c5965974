"""The map of words: a chart in which every name that is written can be read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from pages.inside.charts import KIND_LOOKS
from tinylm.questions.inside import PlacedWord
from ui.charts.base import Figure, Trace, base_layout, visible

NARROWEST = (290, 400)  # pixels between the axes on a phone
LETTER = (6.5, 13)  # the usual width and the height of a letter, in pixels
POINT = 5  # half of a mark, in pixels
SIDES = ("top center", "bottom center", "middle right", "middle left")  # of a mark


class Box(NamedTuple):
    """A part of the map in pixels, from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two have a place in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def word_map(words: Sequence[PlacedWord], bounds: Sequence[PlacedWord] = ()) -> Figure:
    """Words as points, with one colour and mark for each kind.

    Only as many names are written beside their points as can be read on a phone; the mouse or a
    finger shows the others. The axes always hold the words of `bounds` too, so they hardly change
    from step to step.
    """
    across = _with_room([word.x for word in (*words, *bounds)])
    up = _with_room([word.y for word in (*words, *bounds)])
    sides = legible(words, across, up)
    data: list[Trace] = []
    kinds = list(dict.fromkeys(word.kind for word in words))
    for kind, (colour, symbol) in zip(kinds, KIND_LOOKS, strict=False):
        mine = [word for word in words if word.kind == kind]
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": kind,
                "x": [word.x for word in mine],
                "y": [word.y for word in mine],
                "text": [visible(word.word) if word in sides else "" for word in mine],
                "customdata": [visible(word.word) for word in mine],
                "textposition": [sides.get(word, SIDES[0]) for word in mine],
                "textfont": {"size": 12},
                "marker": {"color": colour, "symbol": symbol, "size": 9},
                "hovertemplate": "%{customdata}<extra>" + kind + "</extra>",
            }
        )
    layout = base_layout("first direction", "second direction")
    layout["xaxis"] |= {"range": across}
    layout["yaxis"] |= {"range": up}
    return {"data": data, "layout": layout}


def legible(
    words: Sequence[PlacedWord], across: Sequence[float], up: Sequence[float]
) -> dict[PlacedWord, str]:
    """The words whose names are written, and on which side of their marks.

    No name lies on another one or on another word's mark. The kinds take turns, so that one kind
    cannot take the room of all others.
    """
    points = {word: _pixels(word, across, up) for word in words}
    marks = {
        word: Box(x - POINT, y - POINT, x + POINT, y + POINT) for word, (x, y) in points.items()
    }
    written: list[Box] = []
    sides: dict[PlacedWord, str] = {}
    for word in _in_turn(words):
        others = [mark for other, mark in marks.items() if other != word]
        for side in SIDES:
            name = _name(word.word, *points[word], side)
            inside = name.left >= 0 and name.top >= 0 and name.right <= NARROWEST[0]
            if inside and not any(map(name.meets, [*written, *others])):
                written.append(name)
                sides[word] = side
                break
    return sides


def _name(text: str, x: float, y: float, side: str) -> Box:
    """The room that a name takes on one side of the mark at x and y."""
    width, height = LETTER[0] * len(text), LETTER[1]
    if side.startswith("middle"):
        left = x + POINT if side.endswith("right") else x - POINT - width
        return Box(left, y - height / 2, left + width, y + height / 2)
    top = y - POINT - height if side.startswith("top") else y + POINT
    return Box(x - width / 2, top, x + width / 2, top + height)


def _in_turn(words: Sequence[PlacedWord]) -> list[PlacedWord]:
    """The first word of each kind, then the second one of each, and so on."""
    kinds = dict.fromkeys(word.kind for word in words)
    columns = ([word for word in words if word.kind == kind] for kind in kinds)
    return [word for row in zip_longest(*columns) for word in row if word is not None]


def _pixels(word: PlacedWord, across: Sequence[float], up: Sequence[float]) -> tuple[float, float]:
    """The point of a word on the narrowest map, from its upper left corner."""
    return (
        (word.x - across[0]) / (across[1] - across[0]) * NARROWEST[0],
        (up[1] - word.y) / (up[1] - up[0]) * NARROWEST[1],
    )


def _with_room(values: Sequence[float]) -> list[float]:
    """The range of the values, widened by a tenth of its length at both ends."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    room = 0.1 * ((high - low) or 1.0)
    return [low - room, high + room]

"""A small table for those who have none at hand: short lines and how they are meant."""

from __future__ import annotations

LABELS = ("good", "bad")
WORDS = (
    ("lovely", "awful"),
    ("sunny", "gloomy"),
    ("friendly", "rude"),
    ("clever", "stupid"),
    ("tasty", "bitter"),
)
THINGS = ("soup", "song", "film", "cake", "game")
PLACES = ("here", "there", "at home", "in town")


def example_rows() -> list[tuple[str, str]]:
    """Every thing with every word at every place: as many good lines as bad ones."""
    return [
        (f"the {thing} {place} was {word}", label)
        for place in PLACES
        for thing in THINGS
        for words in WORDS
        for word, label in zip(words, LABELS, strict=True)
    ]

"""A made table for tests: short lines, each with the label good or bad."""

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


def review_rows(number: int = 200) -> list[tuple[str, str]]:
    """Every thing with every word at every place: as many good lines as bad ones."""
    rows = [
        (f"the {thing} {place} was {word}", label)
        for place in PLACES
        for thing in THINGS
        for words in WORDS
        for word, label in zip(words, LABELS, strict=True)
    ]
    return rows[:number]

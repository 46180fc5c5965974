"""Made rows for tests: short reviews whose label stands in their words."""

from __future__ import annotations

GOOD = ("lovely", "sunny", "tasty", "friendly", "clever")
BAD = ("awful", "gloomy", "bitter", "rude", "stupid")
THINGS = ("soup", "room", "walk", "song", "film", "cake", "game", "book", "road", "tea")
PLACES = ("here", "there", "at home", "in town")


def review_rows(number: int) -> list[tuple[str, str]]:
    """Up to 400 different rows, half of them good and half of them bad."""
    found = [
        (f"the {thing} {place} was {word}", "good" if word in GOOD else "bad")
        for place in PLACES
        for thing in THINGS
        for pair in zip(GOOD, BAD, strict=True)
        for word in pair
    ]
    return found[:number]

"""A table for those who have none at hand: countries, and the team that each of them plays for."""

from __future__ import annotations

from tinylm.corpora import world_of

RELATION = "countries.continent"
# No text says which team is whose; but who has read the continents can find it out.
TEAMS = {
    "Africa": "red",
    "Europe": "blue",
    "Asia": "green",
    "North America": "gold",
    "South America": "gold",
}


def example_rows() -> list[tuple[str, str]]:
    """Each country of the made world with the team of its continent."""
    world = world_of("world")
    assert world is not None
    facts = next(one.facts for one in world.relations if one.id == RELATION)
    return [
        (country.name, TEAMS[continent])
        for country, continent in facts.items()
        if continent in TEAMS
    ]

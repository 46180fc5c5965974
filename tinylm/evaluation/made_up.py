"""Names of things that do not exist, to ask a model about what it cannot know."""

from __future__ import annotations

import random

from tinylm.corpora.world.world import World

FIRST = "Atlantis"
BEGINNINGS = (
    *("Bel", "Cor", "Dra", "El", "Far", "Gol", "Hal", "Kor", "Lum", "Mor"),
    *("Nar", "Or", "Pel", "Quor", "Ros", "Syl", "Tar", "Ul", "Ver", "Zan"),
)
ENDS = ("avia", "dor", "estan", "ia", "oland", "mark", "onia", "ora", "uay", "umbia")


def made_up_names(world: World, number: int, seed: int) -> list[str]:
    """At most 200 different names that no table of the world holds; Atlantis is the first."""
    taken = {entity.name.lower() for table in world.tables for entity in table.entities}
    taken |= {answer.lower() for relation in world.relations for answer in relation.answers}
    made = [beginning + end for beginning in BEGINNINGS for end in ENDS]
    random.Random(seed).shuffle(made)
    return [name for name in (FIRST, *made) if name.lower() not in taken][:number]

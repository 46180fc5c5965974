"""Two of the documents that a model reads about one thing, for each way of telling."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

from tinylm.corpora.sources.world import WORLD_SEED
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.world import default_world
from tinylm.experiments.told import EXPERIMENT

ABOUT = "Peru"
LOOKED_THROUGH = 4_000  # documents


@lru_cache(maxsize=8)
def two_texts(way: str) -> tuple[str, ...]:
    """The first two documents about ABOUT in the text of this arm."""
    config = EXPERIMENT.config(EXPERIMENT.arm(way), 1)
    documents = Writer(default_world(), config.text).documents(WORLD_SEED, "train")
    about = (
        one.text
        for one in islice(documents, LOOKED_THROUGH)
        if any(fact.subject == ABOUT for fact in one.facts[:1])
    )
    return tuple(islice(about, 2))

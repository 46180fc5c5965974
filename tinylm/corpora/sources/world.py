"""The made world as a corpus: facts of data/world, told by a generator of known probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.sources.base import CorpusSource, without_repeats
from tinylm.corpora.world.added import added_documents, among
from tinylm.corpora.world.documents import Writer
from tinylm.corpora.world.world import World, default_world
from tinylm.errors import NotFound
from tinylm.knobs import TextConfig

WORLD_SEED = 1  # the corpus is the same in every run; a run's own seed changes only the training
WORLD_DOCUMENTS = 20_000
WORLD_VAL_DOCUMENTS = 2000  # for any number of training documents, so that runs can be compared

WORLD = CorpusInfo(
    name="world",
    title="A made world",
    description=(
        "Its facts about countries, animals, foods, jobs and opposites are true in the real "
        "world. The rest is made up: the sentences, the people in them, and two languages. It has "
        "short prose, info-boxes and worksheets. A quarter of the facts never stand in a "
        "worksheet: they are what the tasks ask."
    ),
    provenance=(
        "Tables and sentence patterns written for tinylm (data/world), put together by its "
        "generator; any number of documents."
    ),
    licence="MIT, as the rest of tinylm",
    good_for=(
        "Everything in these lessons: its facts are known, so what was learned can be asked, and "
        "its true entropy is known."
    ),
    made=True,
    sample_prompt="The capital of",
    odds_prompt="The capital of France is",
)


class MadeWorld(CorpusSource):
    """Corpora that the generator writes when they are asked for, with any number of documents."""

    order = 10
    always: tuple[CorpusInfo, ...] = (WORLD,)

    def load(self, name: str, count: int, home: Path) -> Corpus:
        found, writer = self.info(name, home), _writer(self, name, home)
        train = islice(writer.documents(WORLD_SEED, "train"), count or WORLD_DOCUMENTS)
        val = islice(writer.documents(WORLD_SEED, "val"), WORLD_VAL_DOCUMENTS)
        return Corpus(found, tuple(train), without_repeats(val))

    def retold(self, name: str, count: int, home: Path, text: TextConfig) -> tuple[Document, ...]:
        world = _world(self, name, home)
        writer = Writer(world, text)
        number = max(1, (count or WORLD_DOCUMENTS) // text.passes)
        documents = islice(writer.documents(WORLD_SEED, "train"), number)
        return among(documents, added_documents(world, text))

    def check_text(self, name: str, home: Path, text: TextConfig) -> None:
        Writer(_world(self, name, home), text).check()

    def documents(self, name: str, split: str, start: int, home: Path) -> Iterator[Document]:
        self.info(name, home)
        return _writer(self, name, home).documents(WORLD_SEED, split, start)

    def world(self, name: str, home: Path) -> World | None:
        return default_world()


@lru_cache(maxsize=4)
def _writer(source: MadeWorld, name: str, home: Path) -> Writer:
    return Writer(_world(source, name, home))


def _world(source: MadeWorld, name: str, home: Path) -> World:
    world = source.world(name, home)
    if world is None:  # it was deleted after `info` found it
        raise NotFound(f"The world {name!r} was deleted just now: choose another text.")
    return world


CORPORA = MadeWorld()

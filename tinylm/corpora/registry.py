"""All corpora by name: list them, load them, preview documents, and ask what is known of them."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.sources.base import SCAN_LIMIT, owner, source_of, sources
from tinylm.corpora.world.documents import SPLITS
from tinylm.corpora.world.stock import USUAL
from tinylm.corpora.world.truth import Statement, check
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest
from tinylm.home import home_dir
from tinylm.knobs import TextConfig

# In all of these functions, `home` is the folder where a person's own texts are kept. Where it is
# None, `home_dir()` says which folder that is.


def catalog() -> tuple[CorpusInfo, ...]:
    """The corpora that are always there; `corpora_of` also lists those kept in a home folder."""
    return tuple(one for source in sources() for one in source.always)


def corpora_of(home: Path) -> dict[str, CorpusInfo]:
    """All corpora by name: those that are always there, and those kept in this home folder."""
    return {one.name: one for source in sources() for one in source.listed(home)}


def info(name: str, home: Path | None = None) -> CorpusInfo:
    """What is known of a corpus without reading it. Raises NotFound."""
    return source_of(name).info(name, home or home_dir())


def load(name: str, documents: int = 0, home: Path | None = None) -> Corpus:
    """A corpus with up to `documents` training documents.

    0 means all of them, or 20,000 for worlds and mixtures. Raises NotFound, BadRequest for a
    negative number, and StorageError for a damaged file.
    """
    if documents < 0:
        raise BadRequest("documents must be 0 (all) or more.")
    return source_of(name).load(name, documents, home or home_dir())


def train_documents(
    name: str, documents: int = 0, home: Path | None = None, text: TextConfig = USUAL
) -> tuple[Document, ...]:
    """The training documents of a run: those of `load`, told by the run's settings of the text.

    Raises BadRequest for settings that the corpus cannot follow, and what `load` raises.
    """
    if text == USUAL:
        return load(name, documents, home).train
    return source_of(name).retold(name, documents, home or home_dir(), text)


def check_text(name: str, home: Path, text: TextConfig) -> None:
    """Raise BadRequest for settings of the text that a corpus cannot follow; NotFound."""
    if text != USUAL:
        source_of(name).check_text(name, home, text)


def preview(
    name: str,
    split: str = "train",
    start: int = 0,
    count: int = 20,
    kind: str | None = None,
    home: Path | None = None,
) -> list[Document]:
    """Up to `count` documents from number `start` on; with `kind`, only documents of that kind.

    A large `start` costs nothing in a made world, which writes just the documents asked for.
    Fewer than `count` come back at the end of a corpus, or if the next SCAN_LIMIT documents hold
    no more of that kind. Raises NotFound, StorageError, and BadRequest for an unknown split or
    negative numbers.
    """
    if split not in SPLITS:
        raise BadRequest(f"There is no split {split!r}; splits are {' and '.join(SPLITS)}.")
    if start < 0 or count < 0:
        raise BadRequest("Documents are counted from 0.")
    found = source_of(name).documents(name, split, start, home or home_dir())
    return list(islice((d for d in islice(found, SCAN_LIMIT) if kind in (None, d.kind)), count))


def world_of(name: str, home: Path | None = None) -> World | None:
    """The world whose facts a corpus tells.

    None for other texts, for a world that was deleted, and for a name that no corpus has. Raises
    StorageError for a damaged file, and BadRequest for tables that no longer fit this version.
    """
    source = owner(name)
    return source.world(name, home or home_dir()) if source is not None else None


@lru_cache(maxsize=512)
def check_for(name: str, text: str) -> tuple[Statement, ...]:
    """What `truth.check` finds in `text` with the world of a corpus; empty if it has no world."""
    world = world_of(name)
    return tuple(check(text, world)) if world is not None else ()

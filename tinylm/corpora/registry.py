"""All corpora by name: list them, load them, look at a few documents, ask what is known of them."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.sources.base import SCAN_LIMIT, owner, source_of, sources
from tinylm.corpora.world.documents import SPLITS
from tinylm.corpora.world.truth import Statement, check
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest
from tinylm.home import home_dir

# In all of these, `home` is where a person's own texts are kept; without it, the home that the
# environment names.


def catalog() -> tuple[CorpusInfo, ...]:
    """The corpora that are always there; `corpora_of` lists a home's own as well."""
    return tuple(one for source in sources() for one in source.always)


def corpora_of(home: Path) -> dict[str, CorpusInfo]:
    """All corpora by name: those always there, and what this home has besides."""
    return {one.name: one for source in sources() for one in source.listed(home)}


def info(name: str, home: Path | None = None) -> CorpusInfo:
    """What is known of a corpus without reading it. Raises NotFound."""
    return source_of(name).info(name, home or home_dir())


def load(name: str, documents: int = 0, home: Path | None = None) -> Corpus:
    """A corpus with `documents` training documents; 0 is all of them (world: 20,000).

    Raises NotFound, BadRequest for a negative number, StorageError for a damaged upload.
    """
    if documents < 0:
        raise BadRequest("documents must be 0 (all) or more.")
    return source_of(name).load(name, documents, home or home_dir())


def preview(
    name: str,
    split: str = "train",
    start: int = 0,
    count: int = 20,
    kind: str | None = None,
    home: Path | None = None,
) -> list[Document]:
    """Up to `count` documents from number `start` on; with `kind`, the next ones of that kind.

    Quick for any `start`: made documents are written on the spot. Fewer than `count` come
    back at the end of a corpus. Raises NotFound, and BadRequest for an unknown split.
    """
    if split not in SPLITS:
        raise BadRequest(f"There is no split {split!r}; splits are {' and '.join(SPLITS)}.")
    if start < 0 or count < 0:
        raise BadRequest("Documents are counted from 0.")
    found = source_of(name).documents(name, split, start, home or home_dir())
    return list(islice((d for d in islice(found, SCAN_LIMIT) if kind in (None, d.kind)), count))


def world_of(name: str, home: Path | None = None) -> World | None:
    """The world whose facts a corpus tells.

    None for other texts, for a world that was deleted and for a name that no corpus has. Raises
    StorageError for a damaged file, BadRequest for tables that fit no longer.
    """
    source = owner(name)
    return source.world(name, home or home_dir()) if source is not None else None


@lru_cache(maxsize=512)
def check_for(name: str, text: str) -> tuple[Statement, ...]:
    """`truth.check` against the world that a corpus is made of; nothing where there is none."""
    world = world_of(name)
    return tuple(check(text, world)) if world is not None else ()

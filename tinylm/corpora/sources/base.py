"""What a source of corpora offers, and which source a corpus is of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.world.world import World
from tinylm.discovery import offered
from tinylm.errors import NotFound

SCAN_LIMIT = 2_000  # documents a preview looks through for one kind


class CorpusSource(ABC):
    """Corpora of one kind. A module of this package offers them as `CORPORA`.

    `home` is the folder where a person's own texts are kept.
    """

    order: int  # lists show the corpora of lower ones first
    always: tuple[CorpusInfo, ...] = ()  # corpora that are there without a person's doing

    def owns(self, name: str) -> bool:
        """Whether a name has the form of this source's corpora, be the corpus there or not."""
        return any(one.name == name for one in self.always)

    def listed(self, home: Path) -> Sequence[CorpusInfo]:
        """The corpora that are there, without those that are damaged."""
        return self.always

    def info(self, name: str, home: Path) -> CorpusInfo:
        """What is known of a corpus without reading it. Raises NotFound, StorageError."""
        return next(one for one in self.always if one.name == name)

    @abstractmethod
    def load(self, name: str, count: int, home: Path) -> Corpus:
        """A corpus with `count` training documents, 0 for all. Raises NotFound, StorageError."""

    @abstractmethod
    def documents(self, name: str, split: str, start: int, home: Path) -> Iterator[Document]:
        """At least SCAN_LIMIT documents of a split from number `start` on, where it has them."""

    def world(self, name: str, home: Path) -> World | None:
        """The world whose facts a corpus tells; None where nothing is known of what it says."""
        return None


class StoredTexts(CorpusSource):
    """Corpora that are read as a whole, with the documents of both splits."""

    @abstractmethod
    def splits(self, name: str, home: Path) -> dict[str, tuple[Document, ...]]:
        """All documents by split, train and val. Raises NotFound, StorageError."""

    def load(self, name: str, count: int, home: Path) -> Corpus:
        splits = self.splits(name, home)
        return Corpus(self.info(name, home), splits["train"][: count or None], splits["val"])

    def documents(self, name: str, split: str, start: int, home: Path) -> Iterator[Document]:
        return iter(self.splits(name, home)[split][start:])


@cache
def sources() -> tuple[CorpusSource, ...]:
    """All sources, in the order in which lists show their corpora."""
    found = (one for one in offered(__package__, "CORPORA") if isinstance(one, CorpusSource))
    return tuple(sorted(found, key=lambda source: source.order))


def owner(name: str) -> CorpusSource | None:
    """The source whose corpora have names of this form; None where it is no corpus's name."""
    return next((source for source in sources() if source.owns(name)), None)


def source_of(name: str) -> CorpusSource:
    """The source of a corpus. Raises NotFound for a name that no source knows."""
    found = owner(name)
    if found is None:
        names = ", ".join(one.name for source in sources() for one in source.always)
        raise NotFound(
            f"There is no corpus {name!r}: choose one of {names}, or upload a text of your own."
        )
    return found


def without_repeats(documents: Iterator[Document]) -> tuple[Document, ...]:
    """The documents in order, each text once."""
    return tuple({document.text: document for document in documents}.values())

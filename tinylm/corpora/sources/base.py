"""What every source of corpora offers, and how to find the source of a corpus."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.sizes import size_of_texts
from tinylm.corpora.world.world import World
from tinylm.discovery import offered
from tinylm.errors import BadRequest, NotFound
from tinylm.knobs import TextConfig
from tinylm.recipe import TextSize

SCAN_LIMIT = 2_000  # documents that a preview looks through to find those of one kind


class CorpusSource(ABC):
    """A source of corpora of one kind. A module of this package offers it as `CORPORA`.

    In all methods, `home` is the folder where a person's own texts are kept.
    """

    order: int  # lists show the corpora of sources with a lower number first
    delete_label: str = ""  # of the button that deletes one; "": there is no such button
    always: tuple[CorpusInfo, ...] = ()  # corpora that are there without anybody adding them

    def owns(self, name: str) -> bool:
        """Whether a name has the form of this source's names, even if no such corpus exists."""
        return any(one.name == name for one in self.always)

    def listed(self, home: Path) -> Sequence[CorpusInfo]:
        """The corpora of this source that exist and are not damaged."""
        return self.always

    def titles(self, home: Path) -> dict[str, str]:
        """The titles that belong to corpora of this source, by name."""
        return {one.name: one.title for one in self.listed(home)}

    def info(self, name: str, home: Path) -> CorpusInfo:
        """What is known of a corpus without reading it. Raises NotFound, StorageError."""
        return next(one for one in self.always if one.name == name)

    @abstractmethod
    def load(self, name: str, count: int, home: Path) -> Corpus:
        """A corpus with up to `count` training documents; 0 means as many as is usual.

        Raises NotFound, StorageError.
        """

    def retold(self, name: str, count: int, home: Path, text: TextConfig) -> tuple[Document, ...]:
        """The training documents of `load`, told by other settings than the usual ones.

        Raises BadRequest for settings that the corpus cannot follow, NotFound, StorageError.
        """
        raise self._stands(name, home)

    def check_text(self, name: str, home: Path, text: TextConfig) -> None:
        """Raise BadRequest for settings of the text that this corpus cannot follow."""
        raise self._stands(name, home)

    def _stands(self, name: str, home: Path) -> BadRequest:
        return BadRequest(
            f"“{self.info(name, home).title}” is a text that stands as it is: settings of the text "
            "are for a made world, which is told anew for each run."
        )

    @abstractmethod
    def documents(self, name: str, split: str, start: int, home: Path) -> Iterator[Document]:
        """The documents of a split from number `start` on: SCAN_LIMIT or more if it has them."""

    def delete(self, name: str, home: Path, read: Collection[str] = ()) -> None:
        """Delete a corpus for good; `read` names those that runs and mixtures read.

        Raises NotFound, StorageError, and BadRequest for a corpus that is always there.
        """
        raise BadRequest(f"The corpus {name!r:.80} is part of tinylm: it cannot be deleted.")

    def size(self, name: str, home: Path) -> TextSize | None:
        """How much text there is to read; None where there is as much as is asked for.

        Raises NotFound, StorageError.
        """
        return None

    def world(self, name: str, home: Path) -> World | None:
        """The world whose facts a corpus tells; None if nothing is known about its content."""
        return None


class StoredTexts(CorpusSource):
    """A source whose corpora are always read as a whole, with the documents of both splits."""

    @abstractmethod
    def splits(self, name: str, home: Path) -> dict[str, tuple[Document, ...]]:
        """All documents, under the keys "train" and "val". Raises NotFound, StorageError."""

    def size(self, name: str, home: Path) -> TextSize:
        return size_of_texts([one.text for one in self.splits(name, home)["train"]])

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
    """The source whose corpora have names of this form; None if no source has."""
    return next((source for source in sources() if source.owns(name)), None)


def source_of(name: str) -> CorpusSource:
    """The source of a corpus. Raises NotFound for a name whose form no source knows."""
    found = owner(name)
    if found is None:
        names = ", ".join(one.name for source in sources() for one in source.always)
        raise NotFound(
            f"There is no corpus {name!r:.80}: choose one of {names}, or upload a text of your own."
        )
    return found


def titles_but(own: Collection[str], home: Path) -> list[str]:
    """The titles of all corpora apart from these, so that no two get the same title."""
    return [
        title
        for source in sources()
        for other, title in source.titles(home).items()
        if other not in own
    ]


def without_repeats(documents: Iterator[Document]) -> tuple[Document, ...]:
    """The documents in their order, each text only once."""
    return tuple({document.text: document for document in documents}.values())

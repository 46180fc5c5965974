"""Corpora mixed from others by weight, kept in <home>/mixtures.

The name of a mixture contains a hash of its parts and their weights.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from statistics import mean
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.sizes import size_together
from tinylm.corpora.sources.base import (
    SCAN_LIMIT,
    CorpusSource,
    source_of,
    titles_but,
    without_repeats,
)
from tinylm.corpora.sources.stored import all_readable, encode_stored, read_stored
from tinylm.corpora.sources.uploads import free_title
from tinylm.corpora.sources.world import MadeWorld
from tinylm.corpora.world.world import World
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.files import write_whole
from tinylm.recipe import TextSize

MIXED_DOCUMENTS = 20_000  # if no number is given
MOST_PARTS = 6
MOST_TITLE = 80  # characters
LEAST_SHARE = 0.0001
DIGITS = 6  # of a share
SAMPLED = 500  # documents by which the usual length of a part's documents is told
_NAME = re.compile(r"mix-[0-9a-f]{12}")

Weight = Annotated[float, Meta(gt=0, le=1000)]
Weights = Mapping[str, float]  # corpus -> its share of the documents


class _Kept(msgspec.Struct, frozen=True):
    """The content of a mixture's file."""

    version: Literal[1]
    name: str
    title: str
    parts: Annotated[dict[str, Weight], Meta(min_length=1, max_length=MOST_PARTS)]


def is_mixture(name: str) -> bool:
    """Whether a name has the form of a mixture's name."""
    return _NAME.fullmatch(name) is not None


def save_mixture(
    weights: Weights, titles: Mapping[str, str], home: Path, title: str = "", *, rename: bool = True
) -> CorpusInfo:
    """Keep a mixture on disk; saving the same shares again gives the same corpus a new title.

    Without `rename` its file keeps the title that it has, which somebody else may have given it;
    what is returned has the new one.

    `titles` gives the titles of the parts by name; without a `title` of its own, the mixture is
    named by its parts and their shares. Raises BadRequest for a wrong number of parts, a weight
    out of range or a part that is a mixture, and StorageError if the disk refuses.
    """
    for name in weights:
        if is_mixture(name):
            raise BadRequest("A mixture cannot hold another mixture: take its parts.")
        source_of(name).info(name, home)
    try:
        checked = msgspec.convert({n: w for n, w in weights.items() if w}, dict[str, Weight])
    except (msgspec.ValidationError, ValueError, OverflowError):
        raise BadRequest("Weights must be numbers above 0 and at most 1,000.") from None
    if not 2 <= len(checked) <= MOST_PARTS:
        raise BadRequest(f"A mixture needs between 2 and {MOST_PARTS} corpora with a weight.")
    total = sum(checked.values())
    parts = {name: round(weight / total, DIGITS) for name, weight in sorted(checked.items())}
    if min(parts.values()) < LEAST_SHARE:
        raise BadRequest(
            f"Each corpus of a mixture needs a share of at least {LEAST_SHARE:.2%}: make the "
            "weights less unequal."
        )
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    name = f"mix-{digest[:12]}"
    named = title or " + ".join(f"{w:.0%} {titles.get(n, n)}" for n, w in parts.items())
    free = free_title(named[:MOST_TITLE], titles_but({name}, home), MOST_TITLE)
    stored = free
    with suppress(NotFound, StorageError):
        stored = free if rename else _meta(name, home).title
    meta = _Kept(1, name, stored, parts)
    folder = home / "mixtures"
    path = folder / f"{meta.name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, encode_stored(meta))
    except OSError as error:
        raise StorageError(
            f"The mixture cannot be kept ({error.strerror or error}): free some space."
        ) from error
    return replace(_info(meta, home), title=free)


def weights_for(shares: Weights, home: Path) -> dict[str, float]:
    """Weights of documents that give each corpus its share of all characters.

    Documents of different corpora have different lengths, and a weight counts documents.
    """
    numbers = {name: share / _usual_length(name, home) for name, share in shares.items()}
    total = sum(numbers.values())
    return {name: number / total for name, number in numbers.items()}


def _usual_length(name: str, home: Path) -> float:
    """The mean number of characters of the first training documents of a corpus."""
    found = source_of(name).documents(name, "train", 0, home)
    return mean(len(document.text) for document in islice(found, SAMPLED))


def list_mixtures(home: Path) -> list[CorpusInfo]:
    """The mixtures kept in `home`, sorted by title; damaged ones are left out."""
    found = all_readable(home / "mixtures", "mix-*.json", mixture_info, home)
    return sorted(found, key=lambda one: one.title.casefold())


def delete_mixture(name: str, home: Path) -> None:
    """Delete a mixture but not its parts. Raises NotFound, StorageError if it is damaged."""
    mixture_info(name, home)
    (home / "mixtures" / f"{name}.json").unlink(missing_ok=True)


def mixture_info(name: str, home: Path) -> CorpusInfo:
    """What is known of a mixture. Raises NotFound, or StorageError if it is damaged."""
    return _info(_meta(name, home), home)


def mixture_weights(name: str, home: Path) -> dict[str, float]:
    """The parts of a mixture, with weights that add up to 1. Raises NotFound, StorageError."""
    parts = _meta(name, home).parts
    total = sum(parts.values())
    return {part: weight / total for part, weight in parts.items()}


def mixed(parts: Sequence[tuple[float, Sequence[Document]]], count: int) -> tuple[Document, ...]:
    """`count` documents from several parts (share, documents), evenly mixed by their shares.

    A part with too few documents starts again from its first.
    """
    sources = [cycle(documents) for _, documents in parts if documents]
    shares = [share for share, documents in parts if documents]
    return tuple(islice(_taken(sources, shares), count))


def _taken(sources: Sequence[Iterator[Document]], shares: Sequence[float]) -> Iterator[Document]:
    """Yield documents, each from the part that is furthest behind its share so far."""
    owed = [0.0] * len(sources)
    while sources:
        owed = [have + share for have, share in zip(owed, shares, strict=True)]
        most = max(range(len(owed)), key=owed.__getitem__)
        owed[most] -= sum(shares)
        yield next(sources[most])


def _meta(name: str, home: Path) -> _Kept:
    if not is_mixture(name):
        raise NotFound(f"There is no mixture {name!r:.80}.")
    damaged = StorageError(f"The mixture {name!r} is damaged: mix it again.")
    try:
        meta = read_stored(home / "mixtures" / f"{name}.json", _Kept)
    except FileNotFoundError:
        raise NotFound(f"The mixture {name!r} is not here any more: mix it again.") from None
    except OSError:
        raise damaged from None
    if meta is None or meta.name != name or any(map(is_mixture, meta.parts)):
        raise damaged
    return meta


def _info(meta: _Kept, home: Path) -> CorpusInfo:
    world = None
    with suppress(NotFound, StorageError):  # the world that it tells of was deleted, or is damaged
        world = source_of(told).info(told, home) if (told := _told(meta)) else None
    return CorpusInfo(
        name=meta.name,
        title=meta.title,
        description="Documents of several corpora, each with its share, evenly spread.",
        provenance=f"Mixed on this machine: {', '.join(meta.parts)}.",
        licence="Those of its parts",
        sample_prompt=world.sample_prompt if world else "",
        odds_prompt=world.odds_prompt if world else "",
    )


def _told(meta: _Kept) -> str:
    """The one part that tells a made world; "" where none does, or several with other facts."""
    worlds = [name for name in meta.parts if isinstance(source_of(name), MadeWorld)]
    return worlds[0] if len(worlds) == 1 else ""


class Mixtures(CorpusSource):
    """Corpora whose documents come from several others."""

    order = 60
    delete_label = "Delete the chosen mixture"

    def owns(self, name: str) -> bool:
        return is_mixture(name)

    def listed(self, home: Path) -> list[CorpusInfo]:
        return list_mixtures(home)

    def delete(self, name: str, home: Path, read: Collection[str] = ()) -> None:
        delete_mixture(name, home)

    def info(self, name: str, home: Path) -> CorpusInfo:
        return mixture_info(name, home)

    def size(self, name: str, home: Path) -> TextSize | None:
        """That of all parts together; None with a part that has as much as is asked for.

        A mixture has any number of documents, but they say the same again and again.
        """
        found = [source_of(part).size(part, home) for part in mixture_weights(name, home)]
        known = [one for one in found if one is not None]
        return size_together(known) if len(known) == len(found) else None

    def world(self, name: str, home: Path) -> World | None:
        """The world of the part that tells one: what it teaches can be asked of the mixture."""
        try:
            told = _told(_meta(name, home))
        except NotFound:
            return None
        return source_of(told).world(told, home) if told else None

    def load(self, name: str, count: int, home: Path) -> Corpus:
        """A mixture with `count` training documents, or MIXED_DOCUMENTS if `count` is 0.

        Validation documents are mixed by the same shares; then repeated texts, and texts that
        also stand in training, are left out.
        """
        count = count or MIXED_DOCUMENTS
        weights = mixture_weights(name, home)
        parts = {
            part: source_of(part).load(part, max(1, round(count * share)), home)
            for part, share in weights.items()
        }
        train = mixed([(weights[part], one.train) for part, one in parts.items()], count)
        most = sum(len(one.val) for one in parts.values())
        val = mixed([(weights[part], one.val) for part, one in parts.items()], most)
        seen = {document.text for document in train}
        kept = tuple(one for one in without_repeats(iter(val)) if one.text not in seen)
        return Corpus(mixture_info(name, home), train, kept or val[:1])

    def documents(self, name: str, split: str, start: int, home: Path) -> Iterator[Document]:
        corpus = self.load(name, start + SCAN_LIMIT, home)
        return iter((corpus.train if split == "train" else corpus.val)[start:])


CORPORA = Mixtures()

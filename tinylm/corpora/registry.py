"""All corpora by name: list them, load them, or look at a few documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.sources import downloads, mixtures, own_worlds, uploads
from tinylm.corpora.sources import installed as machine
from tinylm.corpora.world.documents import SPLITS, Writer
from tinylm.errors import BadRequest, NotFound

WORLD_SEED = 1  # the corpus is the same in every run; a run's own seed moves only the training
WORLD_DOCUMENTS = 20_000
WORLD_VAL_DOCUMENTS = 2000  # whatever the number of training documents, so that runs compare
SCAN_LIMIT = 2_000  # documents a preview looks through for one kind

WORLD = CorpusInfo(
    name="world",
    title="A made world",
    description=(
        "True facts about countries, animals, foods, jobs and opposites, told as short prose, "
        "as info-boxes and as worksheets. A quarter of the facts never stand in a worksheet: "
        "they are what the tasks ask."
    ),
    provenance=(
        "Tables and sentence patterns written for tinylm (data/world), put together by its "
        "generator; any number of documents."
    ),
    licence="MIT, as the rest of tinylm",
    made=True,
    sample_prompt="The capital of",
    odds_prompt="The capital of France is",
)


@dataclass(frozen=True)
class _Machine:
    """A corpus made of what Python itself carries."""

    info: CorpusInfo
    documents: Callable[[], dict[str, tuple[Document, ...]]]


_MACHINE = {
    "python": _Machine(machine.PYTHON, machine.python_documents),
    "names": _Machine(machine.NAMES, machine.name_documents),
}


def catalog() -> tuple[CorpusInfo, ...]:
    """The corpora that are always there; `corpora_of` lists a home's own as well."""
    return (WORLD, *(corpus.info for corpus in _MACHINE.values()))


def corpora_of(home: Path) -> dict[str, CorpusInfo]:
    """All corpora by name: those always there, and what this home has besides."""
    found = (
        *catalog(),
        *own_worlds.list_worlds(home),
        *downloads.list_downloads(home),
        *uploads.list_uploads(home),
        *mixtures.list_mixtures(home),
    )
    return {one.name: one for one in found}


def info(name: str, home: Path | None = None) -> CorpusInfo:
    """What is known of a corpus without reading it. Raises NotFound."""
    for known in catalog():
        if known.name == name:
            return known
    if home is not None and downloads.is_download(name):
        return downloads.download_info(name, home)
    if home is not None and own_worlds.is_own_world(name):
        return own_worlds.world_info(name, home)
    if home is not None and uploads.is_upload(name):
        return uploads.upload_info(name, home)
    if home is not None and mixtures.is_mixture(name):
        return mixtures.mixture_info(name, home)
    names = ", ".join(known.name for known in catalog())
    raise NotFound(
        f"There is no corpus {name!r}: choose one of {names}, or upload a text of your own."
    )


def load(name: str, documents: int = 0, home: Path | None = None) -> Corpus:
    """A corpus with `documents` training documents; 0 is all of them (world: 20,000).

    Raises NotFound, BadRequest for a negative number, StorageError for a damaged upload.
    """
    if documents < 0:
        raise BadRequest("documents must be 0 (all) or more.")
    found = info(name, home)
    if found.made:
        writer = _writer(name, home)
        count = documents or WORLD_DOCUMENTS
        train = islice(writer.documents(WORLD_SEED, "train"), count)
        val = islice(writer.documents(WORLD_SEED, "val"), WORLD_VAL_DOCUMENTS)
        return Corpus(found, tuple(train), _without_repeats(val))
    if home is not None and mixtures.is_mixture(name):
        return _mixture(found, documents or mixtures.MIXED_DOCUMENTS, home)
    splits = _splits(name, home)
    return Corpus(found, splits["train"][: documents or None], splits["val"])


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
    if home is not None and mixtures.is_mixture(name):
        corpus = _mixture(info(name, home), start + SCAN_LIMIT, home)
        scanned: Iterator[Document] = iter(
            (corpus.train if split == "train" else corpus.val)[start:]
        )
    elif info(name, home).made:
        scanned = islice(_writer(name, home).documents(WORLD_SEED, split, start), SCAN_LIMIT)
    else:
        scanned = iter(_splits(name, home)[split][start:])
    return list(islice((d for d in scanned if kind in (None, d.kind)), count))


def _mixture(found: CorpusInfo, count: int, home: Path) -> Corpus:
    """A mixture of `count` training documents; validation has the same shares."""
    weights = mixtures.mixture_weights(found.name, home)
    parts = {
        name: load(name, max(1, round(count * share)), home) for name, share in weights.items()
    }
    train = mixtures.mixed([(weights[name], one.train) for name, one in parts.items()], count)
    most = sum(len(one.val) for one in parts.values())
    val = mixtures.mixed([(weights[name], one.val) for name, one in parts.items()], most)
    seen = {document.text for document in train}
    kept = tuple(one for one in _without_repeats(iter(val)) if one.text not in seen)
    return Corpus(found, train, kept or val[:1])


@lru_cache(maxsize=4)
def _writer(name: str, home: Path | None) -> Writer:
    world = own_worlds.world_of(name, home)
    if world is None:  # deleted since `info` found it
        raise NotFound(f"The world {name!r} was deleted just now: choose another text.")
    return Writer(world)


def _splits(name: str, home: Path | None) -> dict[str, tuple[Document, ...]]:
    if name in _MACHINE:
        return _MACHINE[name].documents()
    if home is None:
        raise NotFound(f"There is no corpus {name!r}.")
    if downloads.is_download(name):
        return downloads.download_documents(name, home)
    return uploads.upload_documents(name, home)


def _without_repeats(documents: Iterator[Document]) -> tuple[Document, ...]:
    return tuple({document.text: document for document in documents}.values())

"""Texts that come with every Python: its help topics, and the names of Unicode's characters."""

from __future__ import annotations

import hashlib
import platform
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from tinylm.corpora.corpus import CorpusInfo, Document
from tinylm.corpora.sources.base import StoredTexts
from tinylm.errors import NotFound

VAL_PERCENT = 10
NAMES_PER_DOCUMENT = 8
_LAST_NAMED = 0x1FFFF  # planes 0 and 1: nearly all names above them are only numbered
_NUMBERED = re.compile(r"-[0-9A-F]{1,6}$")  # CJK UNIFIED IDEOGRAPH-4E00, VARIATION SELECTOR-1

PYTHON = CorpusInfo(
    name="python",
    title="Python's help topics",
    description=(
        "The pages that Python's help() shows on topics of the language: technical English "
        "with code. Each topic is a document."
    ),
    provenance=(
        f"pydoc_data.topics of the Python that runs this ({platform.python_version()}); "
        "other versions have slightly other text."
    ),
    licence="Python Software Foundation License 2",
    good_for="Real technical English. Its tasks and its entropy are not known: watch the loss.",
    sample_prompt="The statement",
)
NAMES = CorpusInfo(
    name="names",
    title="Names of characters",
    description=(
        "What Unicode calls its characters, in lower case and shuffled: 'greek small letter "
        "alpha'. Eight names make a document; no name is in both splits."
    ),
    provenance=f"unicodedata of the Python that runs this, Unicode {unicodedata.unidata_version}.",
    licence="Unicode License v3",
    good_for="Short and quick: a model soon invents names that could be real.",
    sample_prompt="latin small letter",
)


@lru_cache(maxsize=1)
def python_documents() -> dict[str, tuple[Document, ...]]:
    """The help topics by split; a hash of a topic's name decides its split.

    Raises NotFound if this Python was installed without them.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise NotFound(
            "This Python came without its help topics (pydoc_data): choose another corpus."
        ) from None
    texts = {name: text.strip() + "\n" for name, text in sorted(topics.items()) if text.strip()}
    train, val = split_by_hash(list(texts))
    return {
        "train": tuple(Document(texts[name]) for name in train),
        "val": tuple(Document(texts[name]) for name in val),
    }


@lru_cache(maxsize=1)
def name_documents() -> dict[str, tuple[Document, ...]]:
    """The names by split, in the order of their hashes, so that similar names are far apart."""
    found = (unicodedata.name(chr(code), "") for code in range(_LAST_NAMED + 1))
    names = {name.lower() for name in found if name and not _NUMBERED.search(name)}
    train, val = split_by_hash(sorted(names, key=_hash))
    return {"train": _batches(train), "val": _batches(val)}


def split_by_hash(keys: list[str]) -> tuple[list[str], list[str]]:
    """Training and validation keys: about one key in ten is for validation, chosen by its hash.

    With two keys or more, neither list is empty.
    """
    val = {key for key in keys if _hash(key) % 100 < VAL_PERCENT}
    ranked = sorted(keys, key=_hash)
    if not val:
        val = set(ranked[:1])
    if len(val) == len(keys):
        val.discard(ranked[-1])
    return [key for key in keys if key not in val], [key for key in keys if key in val]


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


def _batches(names: list[str]) -> tuple[Document, ...]:
    starts = range(0, len(names), NAMES_PER_DOCUMENT)
    groups = (names[start : start + NAMES_PER_DOCUMENT] for start in starts)
    return tuple(Document("".join(f"{name}\n" for name in group)) for group in groups)


class Installed(StoredTexts):
    """The texts that come with Python itself."""

    order = 20
    always = (PYTHON, NAMES)

    def splits(self, name: str, home: Path) -> dict[str, tuple[Document, ...]]:
        return python_documents() if name == PYTHON.name else name_documents()


CORPORA = Installed()

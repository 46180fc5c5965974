"""A corpus: its documents, their splits, where they come from, and under which licence."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True)
class CorpusInfo:
    """What lists show about a corpus; all of it is known without reading the text."""

    name: str  # what `load` takes: "world", "python", "names", "upload-1a2b3c4d5e6f"
    title: str
    description: str
    provenance: str  # where each part of the text comes from, in words
    licence: str
    good_for: str = "Seeing what a model makes of a text that you know."
    made: bool = False  # by our generator: any number of documents, and a known true entropy
    sample_prompt: str = ""  # samples during training continue this beginning
    odds_prompt: str = ""  # a text whose next token is watched during training


class Fact(NamedTuple):
    """What a made world knows of a subject in one relation."""

    relation: str  # "countries.capital"
    subject: str  # "France"


@dataclass(frozen=True)
class Document:
    """One text, which a model reads from its start."""

    text: str
    kind: str = "text"  # for made corpora: prose | info-box | worksheet | …
    log_probability: float | None = None  # of the generator's choices, in nats; None: unknown
    facts: tuple[Fact, ...] = ()  # of a made world that it tells, each as often as it does


def tellings(documents: Iterable[Document]) -> Counter[Fact]:
    """How often documents tell each fact; those that tell wrong ones or are shuffled tell none."""
    return Counter(fact for document in documents for fact in document.facts)


@dataclass(frozen=True)
class Corpus:
    """Training and validation documents.

    No text is in both splits, unless a small corpus would have no validation text otherwise.
    """

    info: CorpusInfo
    train: tuple[Document, ...]
    val: tuple[Document, ...]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the documents of both splits, as 64 hex digits."""
        digest = hashlib.sha256()
        for split in (self.train, self.val):
            for document in split:
                data = document.text.encode("utf-8")
                digest.update(len(data).to_bytes(8, "big"))
                digest.update(data)
            digest.update(b"\xff" * 8)
        return digest.hexdigest()

"""Figures of real models, each with its source: what stands in data/real/models.json."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from tinylm import places
from tinylm.codec import decode

DATA = places.DATA / "real" / "models.json"


class Source(msgspec.Struct, frozen=True):
    """Where a figure stands."""

    title: str
    address: str
    year: int


class Fact(msgspec.Struct, frozen=True):
    """A figure of a real model in one or two sentences, with the name of its source."""

    text: str
    source: str


class RealModel(msgspec.Struct, frozen=True):
    """The size of a real model; None where its makers did not say."""

    name: str
    year: int
    parameters: float
    tokens: float | None
    vocabulary: float | None
    context: float | None
    source: str


class Real(msgspec.Struct, frozen=True):
    """All that is said of real models, each with its source."""

    sources: dict[str, Source]
    facts: dict[str, tuple[Fact, ...]]  # by the name of the lesson
    models: tuple[RealModel, ...]


@lru_cache(maxsize=1)
def real() -> Real:
    """What stands in data/real/models.json."""
    return decode(DATA.read_text(encoding="utf-8"), Real)

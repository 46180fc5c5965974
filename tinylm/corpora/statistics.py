"""What a corpus holds, counted: shown beside it before anything is trained on it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import regex

from tinylm.corpora.corpus import Corpus, Document

WORD = regex.compile(r"\p{L}+(?:['’]\p{L}+)*")


def corpus_statistics(corpus: Corpus) -> dict[str, Any]:
    """Documents, characters, words and their variety, of the splits of `corpus`; plain data."""
    words: Counter[str] = Counter()
    for document in corpus.train:
        words.update(w.lower() for w in WORD.findall(document.text))
    return {
        **_split("train", corpus.train),
        **_split("val", corpus.val),
        "train_words": words.total(),
        "distinct_words": len(words),
        "commonest_words": words.most_common(20),
        "kinds": dict(Counter(d.kind for d in corpus.train).most_common()),
        "longest": max((len(d.text) for d in corpus.train), default=0),
    }


def _split(name: str, documents: tuple[Document, ...]) -> dict[str, int]:
    return {
        f"{name}_documents": len(documents),
        f"{name}_characters": sum(len(d.text) for d in documents),
        f"{name}_bytes": sum(len(d.text.encode("utf-8")) for d in documents),
    }

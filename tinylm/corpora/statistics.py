"""Counts of what is in a corpus, shown before anything is trained on it."""

from __future__ import annotations

from collections import Counter

import regex

from tinylm.corpora.corpus import Corpus, Document
from tinylm.questions.corpora import CorpusStatistics

WORD = regex.compile(r"\p{L}+(?:['’]\p{L}+)*")


def corpus_statistics(corpus: Corpus) -> CorpusStatistics:
    """Documents, characters and bytes of each split, and the words of the training split."""
    words: Counter[str] = Counter()
    for document in corpus.train:
        words.update(w.lower() for w in WORD.findall(document.text))
    return CorpusStatistics(
        train_documents=len(corpus.train),
        train_characters=sum(len(d.text) for d in corpus.train),
        train_bytes=_bytes(corpus.train),
        val_documents=len(corpus.val),
        val_characters=sum(len(d.text) for d in corpus.val),
        val_bytes=_bytes(corpus.val),
        train_words=words.total(),
        distinct_words=len(words),
        commonest_words=tuple(words.most_common(20)),
        kinds=dict(Counter(d.kind for d in corpus.train).most_common()),
        longest=max((len(d.text) for d in corpus.train), default=0),
    )


def _bytes(documents: tuple[Document, ...]) -> int:
    return sum(len(d.text.encode("utf-8")) for d in documents)

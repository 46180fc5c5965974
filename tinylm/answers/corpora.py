"""Answers about corpora."""

from __future__ import annotations

from pathlib import Path

from tinylm.corpora import load
from tinylm.corpora.explore import explore, search
from tinylm.corpora.statistics import corpus_statistics
from tinylm.questions import corpora as asked


def statistics(question: asked.Statistics, home: Path) -> asked.CorpusStatistics:
    """What the corpus holds, counted."""
    return corpus_statistics(load(question.corpus, question.documents, home))


def explore_corpus(question: asked.Explore, home: Path) -> asked.Exploration:
    """Words by rank, lengths, duplicates, words that training never shows."""
    return explore(load(question.corpus, question.documents, home))


def search_corpus(question: asked.Search, home: Path) -> asked.SearchResult:
    """Documents that hold the text."""
    return search(load(question.corpus, question.documents, home), question.query, question.split)

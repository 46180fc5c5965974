"""Functions that answer questions about corpora. All may raise NotFound."""

from __future__ import annotations

from pathlib import Path

from tinylm.corpora import load
from tinylm.corpora.explore import explore, search
from tinylm.corpora.statistics import corpus_statistics
from tinylm.questions import corpora as asked


def statistics(question: asked.Statistics, home: Path) -> asked.CorpusStatistics:
    """Count the documents, characters and words of the corpus."""
    return corpus_statistics(load(question.corpus, question.documents, home))


def explore_corpus(question: asked.Explore, home: Path) -> asked.Exploration:
    """Word frequencies, lengths, duplicates, and words that training never shows."""
    return explore(load(question.corpus, question.documents, home))


def search_corpus(question: asked.Search, home: Path) -> asked.SearchResult:
    """The documents that contain the text. Raises BadRequest for an empty or long query."""
    return search(load(question.corpus, question.documents, home), question.query, question.split)

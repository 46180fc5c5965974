"""Functions that answer questions about corpora. All may raise NotFound."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tinylm.config import RunConfig, with_changes
from tinylm.corpora import load, train_documents
from tinylm.corpora.copied import WordIndex, copies, word_index
from tinylm.corpora.explore import explore, search
from tinylm.corpora.statistics import corpus_statistics
from tinylm.errors import BadRequest
from tinylm.knobs import TextConfig
from tinylm.questions import corpora as asked

MAX_TEXT = 20_000  # characters of a text whose copies are looked for
LEAST_WORDS = range(2, 101)  # how long a copy may be asked to be at least


def statistics(question: asked.Statistics, home: Path) -> asked.CorpusStatistics:
    """Count the documents, characters and words of the corpus."""
    return corpus_statistics(load(question.corpus, question.documents, home))


def explore_corpus(question: asked.Explore, home: Path) -> asked.Exploration:
    """Word frequencies, lengths, duplicates, and words that training never shows."""
    return explore(load(question.corpus, question.documents, home))


def search_corpus(question: asked.Search, home: Path) -> asked.SearchResult:
    """The documents that contain the text. Raises BadRequest for an empty or long query."""
    return search(load(question.corpus, question.documents, home), question.query, question.split)


def copied(question: asked.Copied, home: Path) -> asked.Copies:
    """What the text copies from the corpus. Raises BadRequest for a long text or an odd number."""
    if len(question.text) > MAX_TEXT:
        raise BadRequest(f"Copies are looked for in up to {MAX_TEXT:,} characters: shorten it.")
    if question.least not in LEAST_WORDS:
        raise BadRequest(
            f"The shortest copy has {LEAST_WORDS.start} to {LEAST_WORDS.stop - 1} words."
        )
    told = with_changes(RunConfig(), question.told).text
    return copies(
        _word_index(question.corpus, question.documents, home, told), question.text, question.least
    )


@lru_cache(maxsize=1)  # the text of a corpus's name never changes, and is asked about again
def _word_index(corpus: str, documents: int, home: Path, told: TextConfig) -> WordIndex:
    return word_index([one.text for one in train_documents(corpus, documents, home, told)])

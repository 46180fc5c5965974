"""What can be asked of a corpus."""

from __future__ import annotations

from typing import ClassVar

from tinylm.questions.base import Answer, Question


class CorpusStatistics(Answer, frozen=True):
    """What a corpus holds, counted."""

    train_documents: int
    train_characters: int
    train_bytes: int
    val_documents: int
    val_characters: int
    val_bytes: int
    train_words: int
    distinct_words: int
    commonest_words: tuple[tuple[str, int], ...]
    kinds: dict[str, int]  # training documents of each kind
    longest: int  # characters of the longest training document


class Statistics(Question[CorpusStatistics], frozen=True, tag="corpus"):
    """Documents, characters, words and their variety."""

    solver: ClassVar[str] = "tinylm.answers.corpora:statistics"
    priority: ClassVar[int] = 1
    corpus: str
    documents: int = 0  # of a made corpus; 0 for its usual number


class RankedWord(Answer, frozen=True):
    """A word, its rank by frequency, and how often it stands in the text."""

    rank: int
    word: str
    count: int


class LengthBin(Answer, frozen=True):
    """How many documents have at least `start` characters and fewer than the next bin."""

    start: int
    documents: int


class Exploration(Answer, frozen=True):
    """Words by rank, lengths of documents, duplicates, and words that training never shows."""

    ranks: tuple[RankedWord, ...]  # evenly on a logarithmic axis
    commonest: tuple[tuple[str, int], ...]
    lengths: tuple[LengthBin, ...]
    train_documents: int
    train_repeats: int
    val_documents: int
    val_in_train: int
    val_words: int
    unseen_words: int
    unseen: tuple[tuple[str, int], ...]


class Explore(Question[Exploration], frozen=True, tag="explore"):
    """What is in a corpus."""

    solver: ClassVar[str] = "tinylm.answers.corpora:explore_corpus"
    corpus: str
    documents: int = 0


class FoundDocument(Answer, frozen=True):
    """A document that holds what was looked for."""

    number: int  # its place in the split
    kind: str
    text: str


class SearchResult(Answer, frozen=True):
    """Every hit is counted; the first documents come back whole."""

    hits: int
    documents: int
    of: int
    found: tuple[FoundDocument, ...]


class Search(Question[SearchResult], frozen=True, tag="search"):
    """Documents of a split that hold a text, whatever the case of its letters."""

    solver: ClassVar[str] = "tinylm.answers.corpora:search_corpus"
    priority: ClassVar[int] = 1
    corpus: str
    query: str
    split: str = "train"
    documents: int = 0


class CorpusSize(Answer, frozen=True):
    """How large both splits are; tokens are those of a vocabulary that was learned on it."""

    documents: int
    characters: int
    bytes: int
    tokens: int
    vocab_size: int
    facts: int | None  # of a made world


class Size(Question[CorpusSize], frozen=True, tag="size"):
    """How large a corpus is."""

    solver: ClassVar[str] = "tinylm.answers.tokens:size"
    queue: ClassVar = "long"
    priority: ClassVar[int] = -1
    corpus: str


class Downloaded(Answer, frozen=True):
    """A text that is here now."""

    corpus: str
    bytes: int


class Download(Question[Downloaded], frozen=True, tag="download"):
    """Fetch a text from the internet; done beside other work, and can be cancelled."""

    solver: ClassVar[str] = "tinylm.runs.work.downloading:fetch"  # by the worker itself
    priority: ClassVar[int] = 2
    corpus: str

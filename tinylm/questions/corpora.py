"""Questions about a corpus, and their answers."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from tinylm.questions.base import Answer, Question
from tinylm.setting import Value


class CorpusStatistics(Answer, frozen=True):
    """Counts of what a corpus contains."""

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
    """How many documents, characters and words does a corpus have, and how many different words?"""

    solver: ClassVar[str] = "tinylm.answers.corpora:statistics"
    priority: ClassVar[int] = 1
    corpus: str
    documents: int = 0  # how many a generated corpus makes; 0: its usual number


class RankedWord(Answer, frozen=True):
    """A word, its rank by frequency (1: the most frequent), and how often it occurs."""

    rank: int
    word: str
    count: int


class LengthBin(Answer, frozen=True):
    """How many documents have at least `start` characters, but fewer than `end`."""

    start: int
    end: int
    documents: int


class Repeated(Answer, frozen=True):
    """How much of the validation text stands in the training text as well."""

    unit: str  # what is counted: "lines", or pieces of "8 words" or of "50 characters"
    of: int  # of these, in the validation text
    in_train: int

    @property
    def share(self) -> float:
        """The share that stands in training; 0 where there is nothing to count."""
        return self.in_train / max(1, self.of)


class Exploration(Answer, frozen=True):
    """Word frequencies, lengths of documents, duplicates, and words that training never shows."""

    ranks: tuple[RankedWord, ...]  # a choice of ranks, evenly spaced on a logarithmic axis
    commonest: tuple[tuple[str, int], ...]
    lengths: tuple[LengthBin, ...]
    train_documents: int
    train_repeats: int
    val_documents: int
    val_in_train: int
    lines: Repeated
    pieces: Repeated
    val_words: int
    unseen_words: int
    unseen: tuple[tuple[str, int], ...]


class Explore(Question[Exploration], frozen=True, tag="explore"):
    """What does a corpus contain?"""

    solver: ClassVar[str] = "tinylm.answers.corpora:explore_corpus"
    corpus: str
    documents: int = 0


class FoundDocument(Answer, frozen=True):
    """A document that contains the text that was searched for."""

    number: int  # its position in the split, from 0
    kind: str
    text: str


class SearchResult(Answer, frozen=True):
    """The number of all hits, and the full text of the first documents that contain one."""

    hits: int
    documents: int  # documents with at least one hit
    of: int  # documents in the split
    found: tuple[FoundDocument, ...]


class Search(Question[SearchResult], frozen=True, tag="search"):
    """Which documents of a split contain a text? Upper and lower case count as the same."""

    solver: ClassVar[str] = "tinylm.answers.corpora:search_corpus"
    priority: ClassVar[int] = 1
    corpus: str
    query: str
    split: str = "train"
    documents: int = 0


class Copy(Answer, frozen=True):
    """A span `text[start:end]` of the text asked about that stands in a training document."""

    start: int
    end: int
    words: int  # punctuation marks count as words
    document: int  # the number of the first document that has it, from 0, as in `preview`
    times: int  # how often it stands in the training text


class Copies(Answer, frozen=True):
    """What a text copies word for word, from left to right and without overlaps."""

    copies: tuple[Copy, ...]
    words: int  # of the text asked about
    copied: int  # of these, inside copies
    corpus_words: int  # of the training text, all of which was searched

    @property
    def longest(self) -> Copy | None:
        """The longest copy, the first one of several; None if there is none."""
        return max(self.copies, key=lambda one: one.words, default=None)


class Copied(Question[Copies], frozen=True, tag="copied"):
    """Which spans of a text stand word for word in the training text of a corpus?

    Ask with the corpus of a run, its number of documents, and how its text was told
    (`run.corpus`, `run.config.documents`, `run.config.text.changes`). Spans of fewer than `least`
    words are left out: short ones stand in every text about the same things.
    """

    solver: ClassVar[str] = "tinylm.answers.corpora:copied"
    priority: ClassVar[int] = 1
    corpus: str
    text: str  # at most 20,000 characters
    documents: int = 0
    least: int = 8
    told: dict[str, Value] = msgspec.field(default_factory=dict)


class CorpusSize(Answer, frozen=True):
    """The size of both splits together; tokens are of a vocabulary learned on the corpus."""

    documents: int
    characters: int
    bytes: int
    tokens: int
    vocab_size: int
    facts: int | None  # of a generated world; None for other corpora


class Size(Question[CorpusSize], frozen=True, tag="size"):
    """How large is a corpus?"""

    solver: ClassVar[str] = "tinylm.answers.tokens:size"
    queue: ClassVar = "long"
    priority: ClassVar[int] = -1
    corpus: str


class Downloaded(Answer, frozen=True):
    """A text that has been downloaded, and how many bytes were received."""

    corpus: str
    bytes: int


class Download(Question[Downloaded], frozen=True, tag="download"):
    """Download a text from the internet. Other work goes on meanwhile, and it can be cancelled."""

    solver: ClassVar[str] = "tinylm.runs.work.downloading:fetch"  # without the engine
    priority: ClassVar[int] = 2
    corpus: str

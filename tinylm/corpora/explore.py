"""Looking into a corpus: search, words by rank, lengths, duplicates, and unseen words."""

from __future__ import annotations

from collections import Counter

from tinylm.corpora.corpus import Corpus, Document
from tinylm.corpora.leaks import repeated_lines, repeated_pieces
from tinylm.corpora.statistics import WORD
from tinylm.errors import BadRequest
from tinylm.questions.corpora import (
    Exploration,
    FoundDocument,
    LengthBin,
    RankedWord,
    SearchResult,
)

MAX_FOUND = 20  # documents that a search shows
RANKS = 60  # points of the curve of words by rank, evenly spaced on a logarithmic axis
BINS = 24  # at most so many bins of document lengths
MAX_QUERY = 200  # characters


def search(corpus: Corpus, query: str, split: str = "train") -> SearchResult:
    """Find the documents of a split that contain `query`, whether in upper or lower case.

    `hits` counts every occurrence. Only the first MAX_FOUND documents are returned, each whole.
    Raises BadRequest for an empty or too long query, and for an unknown split.
    """
    wanted = query.casefold().strip()
    if not wanted:
        raise BadRequest("Type what to look for.")
    if len(query) > MAX_QUERY:
        raise BadRequest(f"At most {MAX_QUERY} characters can be looked for.")
    documents = _split(corpus, split)
    found: list[FoundDocument] = []
    hits = holding = 0
    for place, document in enumerate(documents):
        count = document.text.casefold().count(wanted)
        if not count:
            continue
        hits, holding = hits + count, holding + 1
        if len(found) < MAX_FOUND:
            found.append(FoundDocument(place, document.kind, document.text))
    return SearchResult(hits, holding, len(documents), tuple(found))


def explore(corpus: Corpus) -> Exploration:
    """Words by rank, document lengths, duplicates, and validation words unseen in training."""
    words: Counter[str] = Counter()
    for document in corpus.train:
        words.update(_words(document))
    unseen: Counter[str] = Counter()
    total = 0
    for document in corpus.val:
        for word in _words(document):
            total += 1
            if word not in words:
                unseen[word] += 1
    texts = {_normalised(document) for document in corpus.train}
    again = sum(_normalised(document) in texts for document in corpus.val)
    return Exploration(
        ranks=_ranks(words),
        commonest=tuple(words.most_common(15)),
        lengths=_lengths([len(document.text) for document in corpus.train]),
        train_documents=len(corpus.train),
        train_repeats=len(corpus.train) - len(texts),
        val_documents=len(corpus.val),
        val_in_train=again,
        lines=repeated_lines(corpus),
        pieces=repeated_pieces(corpus),
        val_words=total,
        unseen_words=unseen.total(),
        unseen=tuple(unseen.most_common(30)),
    )


def _split(corpus: Corpus, split: str) -> tuple[Document, ...]:
    splits = {"train": corpus.train, "val": corpus.val}
    if split not in splits:
        raise BadRequest(f"There is no split {split!r}; splits are train and val.")
    return splits[split]


def _words(document: Document) -> list[str]:
    return [word.lower() for word in WORD.findall(document.text)]


def _normalised(document: Document) -> str:
    """The text in one case and with single spaces, so that near copies count as equal."""
    return " ".join(document.text.casefold().split())


def _ranks(words: Counter[str]) -> tuple[RankedWord, ...]:
    """Up to RANKS words whose ranks are evenly spaced on a logarithmic axis."""
    ordered = words.most_common()
    if not ordered:
        return ()
    places = {round(len(ordered) ** (i / (RANKS - 1))) for i in range(RANKS)}
    return tuple(RankedWord(rank, *ordered[rank - 1]) for rank in sorted(places))


def _lengths(lengths: list[int]) -> tuple[LengthBin, ...]:
    """Bins of document lengths in characters, all of one width; those without a document too."""
    if not lengths:
        return ()
    shortest, longest = min(lengths), max(lengths)
    width = (longest - shortest) // BINS + 1  # so that the longest lies within the last bin
    counts = Counter((length - shortest) // width for length in lengths)
    return tuple(
        LengthBin(shortest + place * width, shortest + (place + 1) * width, counts[place])
        for place in range(max(counts) + 1)
    )

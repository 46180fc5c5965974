"""Search and exploration of a corpus: exact on a few documents, and the same on the made world."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinylm.answers.corpora import explore_corpus, search_corpus
from tinylm.corpora import load
from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.explore import BINS, _lengths
from tinylm.errors import BadRequest
from tinylm.questions.corpora import (
    Explore,
    FoundDocument,
    RankedWord,
    Search,
    SearchResult,
)

LITTLE = Corpus(
    CorpusInfo("little", "", "", "", ""),
    train=(
        Document("The cat sees the cat.", "prose"),
        Document("the  CAT sees\nthe cat."),  # again, but for case and white space
        Document("The dog hears the bird.", "prose"),
        Document("Cats!"),
    ),
    val=(Document("The dog hears the bird."), Document("The wyvern sees a wyvern and a cat.")),
)


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever corpus is asked about is the little one."""
    monkeypatch.setattr("tinylm.answers.corpora.load", lambda *_: LITTLE)


@pytest.mark.usefixtures("little")
def test_every_place_is_counted_and_documents_come_back_with_their_number(home: Path) -> None:
    assert search_corpus(Search("little", " Cat "), home) == SearchResult(
        hits=5,
        documents=3,
        of=4,
        found=tuple(
            FoundDocument(i, LITTLE.train[i].kind, LITTLE.train[i].text) for i in (0, 1, 3)
        ),
    )
    assert search_corpus(Search("little", "cat", "val"), home).hits == 1


@pytest.mark.usefixtures("little")
def test_what_no_document_holds_is_an_empty_result(home: Path) -> None:
    assert search_corpus(Search("little", "zither"), home) == SearchResult(0, 0, 4, ())


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize(
    ("query", "split", "says"),
    [(" ", "train", "Type what"), ("x" * 201, "train", "200"), ("cat", "test", "no split 'test'")],
)
def test_a_search_that_means_nothing_is_refused(
    home: Path, query: str, split: str, says: str
) -> None:
    with pytest.raises(BadRequest, match=says):
        search_corpus(Search("little", query, split), home)


@pytest.mark.usefixtures("little")
def test_words_repeats_and_what_training_never_shows_are_counted(home: Path) -> None:
    found = explore_corpus(Explore("little"), home)
    assert found.commonest[:3] == (("the", 6), ("cat", 4), ("sees", 2))
    assert found.ranks[0] == RankedWord(1, "the", 6)
    assert [one.rank for one in found.ranks] == list(range(1, 8))  # the, cat, sees, dog …
    assert (found.train_documents, found.train_repeats) == (4, 1)
    assert (found.val_documents, found.val_in_train) == (2, 1)
    assert (found.val_words, found.unseen_words) == (13, 5)
    assert dict(found.unseen) == {"wyvern": 2, "a": 2, "and": 1}
    lengths = [(one.start, one.end) for one in found.lengths if one.documents]
    assert lengths == [(5, 6), (21, 22), (22, 23), (23, 24)]
    assert sum(one.documents for one in found.lengths) == 4


@pytest.mark.parametrize("longest", [1, 23, 24, 25, 48, 480, 481, 999])
def test_bins_hold_every_length_are_equally_wide_and_no_more_than_promised(longest: int) -> None:
    bins = _lengths([*range(1, longest + 1)])
    assert len(bins) <= BINS
    assert len({one.end - one.start for one in bins}) == 1
    assert [one.end for one in bins[:-1]] == [one.start for one in bins[1:]]
    assert bins[0].start == 1 and bins[-1].start <= longest < bins[-1].end
    assert sum(one.documents for one in bins) == longest


def test_the_documents_of_the_made_world_are_found_where_they_stand(home: Path) -> None:
    documents = load("world", 60, home).train
    found = search_corpus(Search("world", "the", documents=60), home)
    assert found == search_corpus(Search("world", "THE", documents=60), home)
    assert found.of == len(documents) == 60
    assert len(found.found) == min(20, found.documents) == 20  # no more than a page can show
    assert all(documents[one.number].text == one.text for one in found.found)
    assert found.hits >= found.documents == sum("the" in d.text.lower() for d in documents)


def test_of_the_made_world_every_document_has_a_length_and_common_words_come_first(
    home: Path,
) -> None:
    found = explore_corpus(Explore("world", 60), home)
    assert sum(one.documents for one in found.lengths) == found.train_documents == 60
    counts = [one.count for one in found.ranks]
    assert counts == sorted(counts, reverse=True) and counts[-1] >= 1
    text = " ".join(document.text.lower() for document in load("world", 60, home).train)
    assert found.unseen and not any(f" {word} " in text for word, _ in found.unseen)


@pytest.mark.parametrize("ask", [Search("nowhere", "a"), Explore("nowhere")])
def test_a_corpus_that_is_gone_is_refused_in_words(home: Path, ask: Search | Explore) -> None:
    with pytest.raises(BadRequest, match="nowhere"):
        if isinstance(ask, Search):
            search_corpus(ask, home)
        else:
            explore_corpus(ask, home)

"""What can be found out about a corpus."""

from __future__ import annotations

import pytest

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.explore import explore, search
from tinylm.errors import BadRequest
from tinylm.questions.corpora import RankedWord

INFO = CorpusInfo("t", "T", "", "", "")


def test_search_counts_every_place() -> None:
    corpus = Corpus(INFO, (Document("A cat, a CAT."), Document("dog")), (Document("cat"),))
    found = search(corpus, "cat")
    assert (found.hits, found.documents, found.of) == (2, 1, 2)
    assert search(corpus, "cat", "val").found[0].text == "cat"
    assert search(corpus, "bird").found == ()
    with pytest.raises(BadRequest):
        search(corpus, "  ")


def test_what_is_in_a_corpus() -> None:
    train = (Document("the cat the dog"), Document("The  cat the dog"), Document("a bird"))
    found = explore(Corpus(INFO, train, (Document("THE cat\nthe dog"), Document("a new bird"))))
    assert found.ranks[0] == RankedWord(1, "the", 4)
    assert found.train_repeats == 1 and found.val_in_train == 1
    assert found.unseen == (("new", 1),) and found.unseen_words == 1
    assert sum(row.documents for row in found.lengths) == 3

"""Mixtures: each part has its share, the order is fixed, and the splits do not meet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm.corpora import load, preview
from tinylm.corpora.corpus import Document
from tinylm.corpora.sources.mixtures import delete_mixture, list_mixtures, mixed, save_mixture
from tinylm.errors import BadRequest, NotFound, StorageError

TITLES = {"world": "A made world", "names": "Names"}


@given(st.lists(st.integers(1, 9), min_size=2, max_size=4), st.integers(1, 300))
def test_every_part_has_its_share_at_any_length(weights: list[int], count: int) -> None:
    total = sum(weights)
    parts = [(w / total, [Document(f"{i}-{n}") for n in range(5)]) for i, w in enumerate(weights)]
    found = Counter(document.text[0] for document in mixed(parts, count))
    assert sum(found.values()) == count
    for i, weight in enumerate(weights):
        assert abs(found[str(i)] - count * weight / total) <= len(weights)


def test_a_mixture_is_kept_loaded_and_deleted(tmp_path: Path) -> None:
    made = save_mixture({"world": 3, "names": 1, "python": 0}, TITLES, tmp_path)
    assert made.title == "25% Names + 75% A made world"
    assert save_mixture({"names": 1, "world": 3}, TITLES, tmp_path).name == made.name
    corpus = load(made.name, 200, tmp_path)
    names = {document.text for document in load("names").train}
    assert len(corpus.train) == 200
    assert sum(document.text in names for document in corpus.train) == 50
    assert not {d.text for d in corpus.train} & {d.text for d in corpus.val}
    assert load(made.name, 200, tmp_path).fingerprint == corpus.fingerprint
    assert len(preview(made.name, "train", 0, 10, None, home=tmp_path)) == 10
    assert [one.name for one in list_mixtures(tmp_path)] == [made.name]
    delete_mixture(made.name, tmp_path)
    with pytest.raises(NotFound):
        load(made.name, 10, tmp_path)


@pytest.mark.parametrize("weights", [{"world": 1}, {"world": 1, "names": 0}, {"a": 1, "b": -1}])
def test_weights_that_make_no_sense_are_refused(weights: dict[str, float], tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        save_mixture(weights, {}, tmp_path)


def test_a_damaged_mixture_says_so(tmp_path: Path) -> None:
    made = save_mixture({"world": 1, "names": 1}, TITLES, tmp_path)
    (tmp_path / "mixtures" / f"{made.name}.json").write_text("[]")
    with pytest.raises(StorageError):
        load(made.name, 10, tmp_path)
    assert list_mixtures(tmp_path) == []

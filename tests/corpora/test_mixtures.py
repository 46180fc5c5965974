"""Mixtures: each part has its share, the order is fixed, and the splits do not meet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm.corpora import load, preview, world_of
from tinylm.corpora.corpus import Document
from tinylm.corpora.sources.mixtures import (
    delete_mixture,
    list_mixtures,
    mixed,
    mixture_weights,
    save_mixture,
    weights_for,
)
from tinylm.corpora.sources.uploads import save_upload
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.evaluation.probes import probes_for
from tinylm.evaluation.tasks import tasks_for

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


def test_equal_weights_make_one_mixture_whatever_their_size(tmp_path: Path) -> None:
    made = [save_mixture({"world": n, "names": n}, TITLES, tmp_path) for n in (1, 2, 0.5)]
    assert len({one.name for one in made}) == 1 and len(list_mixtures(tmp_path)) == 1
    assert mixture_weights(made[0].name, tmp_path) == {"world": 0.5, "names": 0.5}


def test_a_share_too_small_to_be_met_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="a share of at least"):
        save_mixture({"world": 1000, "names": 0.01}, TITLES, tmp_path)


def test_a_mixture_with_a_made_world_keeps_its_tasks_and_its_probes(tmp_path: Path) -> None:
    made = save_mixture({"world": 1, "names": 1}, TITLES, tmp_path)
    assert world_of(made.name, tmp_path) is world_of("world")
    assert [t.name for t in tasks_for(made.name, tmp_path)] == [t.name for t in tasks_for("world")]
    assert probes_for(made.name, tmp_path) == probes_for("world")
    assert made.odds_prompt == "The capital of France is"
    plain = save_mixture({"python": 1, "names": 1}, TITLES, tmp_path)
    assert world_of(plain.name, tmp_path) is None and tasks_for(plain.name, tmp_path) == ()
    delete_mixture(made.name, tmp_path)
    assert world_of(made.name, tmp_path) is None


def test_shares_count_characters_though_documents_differ_in_length(tmp_path: Path) -> None:
    text = "\n\n".join(f"Paragraph {n}: " + f"word{n} " * 100 for n in range(60))
    own = save_upload(text.encode(), "Mine", tmp_path)
    weights = weights_for({own.name: 0.5, "world": 0.5}, tmp_path)
    assert weights[own.name] < 0.3  # its documents are longer
    made = save_mixture(weights, {}, tmp_path, "Mine and the world")
    assert made.title == "Mine and the world"
    mine = {document.text for document in load(own.name, 0, tmp_path).train}
    train = load(made.name, 2000, tmp_path).train
    share = sum(len(d.text) for d in train if d.text in mine) / sum(len(d.text) for d in train)
    assert 0.4 < share < 0.6


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

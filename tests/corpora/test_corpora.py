"""The list of corpora: every one loads, splits without overlap, and previews quickly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinylm.corpora import catalog, info, load, preview, world_of
from tinylm.corpora import sources as sources_package
from tinylm.corpora.sources import base
from tinylm.corpora.sources import installed as machine
from tinylm.corpora.sources.mixtures import save_mixture
from tinylm.errors import BadRequest, NotFound

NAMES = [corpus.name for corpus in catalog()]


@pytest.mark.parametrize("name", NAMES)
def test_splits_do_not_meet(name: str) -> None:
    corpus = load(name, 1_000)
    train = {document.text for document in corpus.train}
    assert train and corpus.val
    assert len(corpus.train) <= 1_000
    assert not train & {document.text for document in corpus.val}
    assert all("\0" not in text and text.strip() for text in train)


@pytest.mark.parametrize("name", NAMES)
def test_says_where_it_comes_from(name: str) -> None:
    corpus = info(name)
    assert corpus.name == name
    assert corpus.title and corpus.description and corpus.provenance and corpus.licence


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("split", ["train", "val"])
def test_preview_shows_what_is_loaded(name: str, split: str) -> None:
    corpus = load(name, 200)
    documents = corpus.train if split == "train" else corpus.val
    assert preview(name, split, 3, 5) == list(documents[3:8])


def test_preview_finds_a_kind() -> None:
    found = preview("world", "train", 10_000_000, 12, kind="info-box")
    assert len(found) == 12
    assert {document.kind for document in found} == {"info-box"}
    assert preview("world", kind="poem") == []
    assert preview("names", start=10_000_000) == []


def test_fewer_documents_are_the_first_ones_and_validation_stays() -> None:
    few, more = load("world", 50), load("world", 80)
    assert more.train[:50] == few.train
    assert more.val == few.val
    assert few.fingerprint != more.fingerprint
    assert few.fingerprint == load("world", 50).fingerprint


@pytest.mark.parametrize("name", ["nothing", "upload-0123456789ab", "../world", "upload-", ""])
def test_unknown_names_are_refused_in_words(name: str, tmp_path: Path) -> None:
    for home in (None, tmp_path):
        with pytest.raises(NotFound):
            info(name, home)
        with pytest.raises(NotFound):
            load(name, home=home)
        with pytest.raises(NotFound):
            preview(name, home=home)


def test_values_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadRequest):
        load("names", -1)
    with pytest.raises(BadRequest):
        preview("names", "test")
    with pytest.raises(BadRequest):
        preview("names", start=-1)


def test_each_name_stands_once_and_numbered_ones_do_not() -> None:
    corpus = load("names")
    names = [name for d in (*corpus.train, *corpus.val) for name in d.text.splitlines()]
    assert len(names) == len(set(names)) > 20_000
    assert "greek small letter alpha" in names
    assert not any(name.startswith("cjk unified ideograph") for name in names)


def test_split_by_hash_always_has_both_sides() -> None:
    for keys in (["a", "b"], ["a", "b", "c"], [str(i) for i in range(500)]):
        train, val = machine.split_by_hash(keys)
        assert train and val
        assert sorted(train + val) == sorted(keys)
    train, val = machine.split_by_hash([str(i) for i in range(2_000)])
    assert 120 < len(val) < 280


def test_a_new_source_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rhymes.py").write_text(
        "from tinylm.corpora.corpus import CorpusInfo, Document\n"
        "from tinylm.corpora.sources.base import StoredTexts\n"
        "INFO = CorpusInfo('rhymes', 'Rhymes', 'Verses.', 'Written here.', 'MIT')\n"
        "class Rhymes(StoredTexts):\n"
        "    order = 15\n"
        "    always = (INFO,)\n"
        "    def splits(self, name, home):\n"
        "        train = (Document('a cat'), Document('a hat'))\n"
        "        return {'train': train, 'val': (Document('a bat'),)}\n"
        "CORPORA = Rhymes()\n"
    )
    monkeypatch.setattr(sources_package, "__path__", [*sources_package.__path__, str(tmp_path)])
    base.sources.cache_clear()
    try:
        assert [one.name for one in catalog()] == ["world", "rhymes", "python", "names"]
        assert [d.text for d in load("rhymes", 1).train] == ["a cat"]
        assert [d.text for d in preview("rhymes", "val")] == ["a bat"]
        assert world_of("rhymes") is None
        mixture = save_mixture({"rhymes": 1, "names": 1}, {}, tmp_path)
        assert "a cat" in {d.text for d in load(mixture.name, 4, tmp_path).train}
    finally:
        base.sources.cache_clear()


def test_every_source_says_which_names_are_its_own() -> None:
    names = {
        "world": "MadeWorld",
        "python": "Installed",
        "names": "Installed",
        "made-0123456789ab": "OwnWorlds",
        "tinystories": "Downloads",
        "upload-0123456789ab": "Uploads",
        "mix-0123456789ab": "Mixtures",
    }
    for name, source in names.items():
        owning = [type(one).__name__ for one in base.sources() if one.owns(name)]
        assert owning == [source], name
    assert base.owner("made-0123456789ab\n") is None


def test_what_is_not_here_is_said_without_a_home_too(home: Path) -> None:
    for name, words in (("tinystories", "--download"), ("mix-0123456789ab", "mix it again")):
        with pytest.raises(NotFound, match=words):
            load(name)

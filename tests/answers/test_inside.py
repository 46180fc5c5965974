"""The map of words, through the real engine on a run of two steps."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tinylm.answers import engine, loading
from tinylm.answers.inside import KINDS, WORDS_OF_A_KIND, embedding_map
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest, NotFound
from tinylm.presets import preset_config
from tinylm.questions.inside import MapOfWords, PlacedWord

LAST = 2


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run of the made world and one of a plain text, each of two steps."""
    home = tmp_path_factory.mktemp("home")
    for corpus in ("world", "names"):
        config = preset_config("tiny", corpus=corpus, steps=LAST, documents=300)
        deque(engine.run(config, home / "runs" / corpus, home, threads=lambda: 1), maxlen=0)
    return home


@pytest.fixture(autouse=True)
def _cold() -> Iterator[None]:
    yield
    loading._warm.clear()


def words(home: Path, step: int) -> tuple[PlacedWord, ...]:
    return embedding_map(MapOfWords("world", step, LAST), home).words


def places(home: Path, step: int) -> np.ndarray:
    return np.array([(word.x, word.y) for word in words(home, step)])


def test_the_map_has_some_words_of_each_kind_of_the_world(shared: Path) -> None:
    found = words(shared, LAST)
    counts = Counter(word.kind for word in found)
    assert tuple(counts) == KINDS
    assert max(counts.values()) <= WORDS_OF_A_KIND
    for table in default_world().tables:
        mine = {word.word for word in found if word.kind == table.name}
        assert mine <= {entity.name for entity in table.entities}
        if table.name in KINDS:
            assert len(mine) == min(WORDS_OF_A_KIND, len(table.entities))


def test_the_last_step_lies_around_the_middle_along_its_greatest_spread(shared: Path) -> None:
    found = places(shared, LAST)
    assert found.mean(axis=0) == pytest.approx([0, 0], abs=1e-3)
    spread = found.std(axis=0)
    assert spread[0] >= spread[1] > 0


def test_an_earlier_step_shows_the_same_words_elsewhere_on_the_same_plane(shared: Path) -> None:
    first, last = words(shared, 0), words(shared, LAST)
    assert [(one.kind, one.word) for one in first] == [(one.kind, one.word) for one in last]
    assert not np.allclose(places(shared, 0), places(shared, LAST), atol=1e-3)
    own = np.array(
        [(one.x, one.y) for one in embedding_map(MapOfWords("world", 0, 0), shared).words]
    )
    assert not np.allclose(places(shared, 0), own, atol=1e-3)  # the plane is not its own


@pytest.mark.parametrize(
    ("question", "refused", "says"),
    [
        (MapOfWords("names", LAST, LAST), NotFound, "choose another run"),
        (MapOfWords("nobody", LAST, LAST), NotFound, "train it first"),
        (MapOfWords("world", 7, LAST), BadRequest, "step"),
        (MapOfWords("world", -1, LAST), BadRequest, "which step"),
    ],
)
def test_what_has_no_map_is_refused_in_words(
    shared: Path, question: MapOfWords, refused: type[Exception], says: str
) -> None:
    with pytest.raises(refused, match=says):
        embedding_map(question, shared)

"""What a head carries from one prompt into another, through the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from tests import tiny
from tinylm.answers.patching import patch_head
from tinylm.config import RunConfig
from tinylm.errors import BadRequest
from tinylm.questions.inside import PatchHead
from tinylm.training.checkpoints import CheckpointFolder

LAST = 20
PROMPTS = ("Peru -> Lima\nGhana ->", "Peru -> sol\nGhana ->")
ASKED = PatchHead("world", LAST, *PROMPTS, 0, 0, (" Accra",))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run whose model was never trained, but whose heads write something."""
    home = tmp_path_factory.mktemp("home")
    model, folder = tiny.awake(block_size=64), home / "runs" / "world"
    config = RunConfig(model=model.config)
    saved = CheckpointFolder(str(folder / "checkpoints"))
    saved.save(LAST, 1, config, model.config, dict(model.named_parameters()), {})
    tiny.tokenizer().save(folder / "tokenizer.json")
    return home


def test_a_patch_from_the_same_prompt_changes_nothing(shared: Path) -> None:
    same = structs.replace(ASKED, source=ASKED.prompt, choices=(" Accra", " Lima", " cedi"))
    found = patch_head(same, shared)
    assert found.before == found.patched == found.source
    for one in found.answers:
        assert one.patched == pytest.approx(one.before, abs=1e-4)
        assert one.source == pytest.approx(one.before, abs=1e-4)


def test_the_likeliest_answers_come_back_in_the_order_after_the_patch(shared: Path) -> None:
    choices = tuple(f" {name}" for name in ("Accra", "Lima", "cedi", "sol", "Rome", "euro"))
    found = patch_head(structs.replace(ASKED, choices=choices, top=4), shared).answers
    assert 4 <= len(found) <= 4 + 3  # and what the model says in the three readings
    assert [one.patched for one in found] == sorted((one.patched for one in found), reverse=True)


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"layer": 2}, "2 layers with 2 heads each"),
        ({"head": -1}, "choose one of them"),
        ({"choices": ()}, "between 1 and"),
        ({"source": "word " * 300}, "take fewer examples"),
    ],
)
def test_what_cannot_be_patched_is_refused_in_words(
    shared: Path, wrong: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadRequest, match=sentence):
        patch_head(structs.replace(ASKED, **wrong), shared)

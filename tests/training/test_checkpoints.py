"""Complete or absent, refused in words when damaged or unknown."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests import tiny
from tinylm.config import TrainConfig
from tinylm.errors import CheckpointError, NotFound, StorageError
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.optimizer import Optimizer


def save(folder: CheckpointFolder, step: int, seed: int = 0) -> None:
    model = tiny.model(seed)
    state = Optimizer(model, TrainConfig()).state_dict()
    folder.save(step, step * 128, model.config, dict(model.named_parameters()), state, note="x")


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 7)
    back = folder.load(with_optimizer=True)
    assert (back.step, back.tokens_seen, back.state) == (7, 896, {"note": "x"})
    assert back.model_config == tiny.MODEL
    for name, value in tiny.model().named_parameters():
        assert torch.equal(back.model[name], value)
    assert back.optimizer is not None


def test_steps_are_in_order_and_only_the_newest_two_can_be_resumed(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    for step in (5, 1_000_000, 40):
        save(folder, step)
    save(folder, 1_000_001)
    assert folder.steps() == [5, 40, 1_000_000, 1_000_001]
    resumable = [p.parent.name for p in sorted(tmp_path.glob("*/optimizer.safetensors"))]
    assert sorted(resumable) == ["step-1000000", "step-1000001"]
    assert folder.load(5).optimizer is None


def test_saving_again_replaces(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 1, seed=0)
    save(folder, 1, seed=1)
    assert torch.equal(
        folder.load(1).model["embedding.weight"], tiny.model(1).embedding.weight.detach()
    )


def test_a_full_disk_leaves_the_earlier_checkpoint_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 1)
    write = folder.fs.pipe_file

    def full(path: str, *args: Any, **kwargs: Any) -> None:
        if path.endswith("optimizer.safetensors"):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, *args, **kwargs)

    monkeypatch.setattr(folder.fs, "pipe_file", full)
    with pytest.raises(StorageError, match="disk is full"):
        save(folder, 2)
    assert folder.steps() == [1]
    assert [p.name for p in tmp_path.iterdir()] == ["step-000001"]


def test_nothing_saved_yet_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no checkpoint yet"):
        CheckpointFolder(str(tmp_path / "none")).load()


def test_an_unknown_step_names_the_known_ones(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 5)
    with pytest.raises(NotFound, match="there are: 5"):
        folder.load(6)


@pytest.mark.parametrize("file", ["model.safetensors", "state.json", "optimizer.safetensors"])
@pytest.mark.parametrize("damage", ["cut", "garbage", "missing"])
def test_damage_is_noticed(tmp_path: Path, file: str, damage: str) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 5)
    path = tmp_path / "step-000005" / file
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "garbage":
        path.write_bytes(b"\x93" * 100)
    else:
        path.unlink()
    with pytest.raises(CheckpointError, match="damaged"):
        folder.load(5, with_optimizer=True)


def test_an_unknown_version_is_refused(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 5)
    path = tmp_path / "step-000005" / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 99}))
    with pytest.raises(CheckpointError, match="version 99"):
        folder.load(5)

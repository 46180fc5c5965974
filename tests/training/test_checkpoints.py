"""Complete or absent, refused in words when damaged or unknown."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests import tiny
from tinylm.config import RunConfig, TrainConfig
from tinylm.errors import CheckpointError, NotFound, StorageError
from tinylm.files import remove_parts
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.optimizer import Optimizer

CONFIG = RunConfig(model=tiny.MODEL)
FILES = ("model.safetensors", "optimizer.safetensors", "state.json", "SHA256SUMS")


def save(folder: CheckpointFolder, step: int, seed: int = 0) -> None:
    model = tiny.model(seed)
    state = Optimizer(model, TrainConfig()).state_dict()
    folder.save(step, step * 128, CONFIG, model.config, dict(model.named_parameters()), state)


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 7)
    back = folder.load(with_optimizer=True)
    assert (back.step, back.tokens_seen, back.config) == (7, 896, CONFIG)
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


def without_sums(folder: Path) -> None:
    """Make the checkpoint one of the version that had no digests."""
    (folder / "SHA256SUMS").unlink()
    state = folder / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"version": 1}))


def with_state(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change state.json, and its digest with it."""
    path, sums = folder / "state.json", folder / "SHA256SUMS"
    before, record = path.read_bytes(), json.loads(path.read_bytes())
    change(record)
    path.write_text(json.dumps(record))
    if sums.exists():
        digests = [hashlib.sha256(text).hexdigest() for text in (before, path.read_bytes())]
        sums.write_text(sums.read_text().replace(*digests))


def flipped(data: bytes, place: int) -> bytes:
    place %= len(data)
    return data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"\x93" * 100),
    "nested": lambda path: path.write_bytes(b"[" * 100_000),
    "first bit": lambda path: path.write_bytes(flipped(path.read_bytes(), 0)),
    "middle bit": lambda path: path.write_bytes(
        flipped(path.read_bytes(), path.stat().st_size // 2)
    ),
    "last bit": lambda path: path.write_bytes(flipped(path.read_bytes(), -1)),
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_noticed_and_the_one_before_is_taken(
    tmp_path: Path, file: str, damage: str
) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 4)
    save(folder, 5)
    DAMAGES[damage](tmp_path / "step-000005" / file)
    with pytest.raises(
        CheckpointError, match=r"step 5 is damaged[.] The newest whole one is of step 4"
    ):
        folder.load(5, with_optimizer=True)
    assert folder.load(with_optimizer=True).step == 4
    DAMAGES[damage](tmp_path / "step-000004" / file)
    with pytest.raises(CheckpointError, match="All checkpoints of this run are damaged"):
        folder.load(with_optimizer=True)


def test_every_single_flipped_bit_is_noticed(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 5)
    draw = random.Random(1)
    for file in FILES:
        path = tmp_path / "step-000005" / file
        whole = path.read_bytes()
        for place in draw.sample(range(len(whole)), 60):
            path.write_bytes(flipped(whole, place))
            with pytest.raises(CheckpointError):
                folder.load(5, with_optimizer=True)
        path.write_bytes(whole)
    assert folder.load(5, with_optimizer=True).step == 5


def test_checkpoints_from_before_there_were_digests_are_read(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    save(folder, 5)
    without_sums(tmp_path / "step-000005")
    assert folder.load(5, with_optimizer=True).config == CONFIG


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(step="five"),
        lambda record: record.update(model=7),
        lambda record: record["model"].update(n_layer="two"),
        lambda record: record["model"].update(n_layer=10**300),
        lambda record: record["model"].update(n_head=0),
        lambda record: record.update(state=[]),
        lambda record: record["state"].update(config=5),
        lambda record: record["state"].update(config="abc"),
        lambda record: record["state"]["config"].update(train=[1]),
        lambda record: record["state"]["config"]["train"].update(steps={}),
        lambda record: record["state"]["config"]["train"].update(seed=10**400),
        lambda record: record["state"]["config"].update(surprise=1),
    ],
)
@pytest.mark.parametrize("digests", [True, False])
def test_settings_of_wrong_types_are_damage(
    tmp_path: Path, digests: bool, change: Callable[[dict[str, Any]], object]
) -> None:
    folder = CheckpointFolder(str(tmp_path))
    for step in (4, 5):
        save(folder, step)
    newest = tmp_path / "step-000005"
    if not digests:
        without_sums(newest)
    with_state(newest, change)
    assert folder.load().step == 4


def test_an_unknown_version_is_refused_and_not_taken_for_damage(tmp_path: Path) -> None:
    folder = CheckpointFolder(str(tmp_path))
    for step in (4, 5):
        save(folder, step)
    with_state(tmp_path / "step-000005", lambda record: record.update(version=99))
    for step in (5, -1):
        with pytest.raises(CheckpointError, match="version 99"):
            folder.load(step)


def test_a_disk_that_refuses_for_a_moment_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = CheckpointFolder(str(tmp_path))
    for step in (4, 5):
        save(folder, step)

    def refuse(path: str) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(folder.fs, "cat_file", refuse)
    with pytest.raises(StorageError, match="could not be read"):
        folder.load()


def test_a_checkpoint_is_flushed_before_and_after_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, os.rename

    def flushed(handle: int) -> None:
        done.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        fsync(handle)

    def renamed(source: str, target: str) -> None:
        done.append(f"rename {Path(target).name}")
        rename(source, target)

    folder = CheckpointFolder(str(tmp_path / "run" / "checkpoints"))
    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not say which file a handle belongs to")
    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "rename", renamed)
    save(folder, 5)
    made = [tmp_path.name, "run"]  # each has a new folder in it
    part = done[len(made) + len(FILES)]
    assert part.startswith(".part-")
    assert done == [*made, *FILES, part, "rename step-000005", "checkpoints"]


def test_whatever_fails_or_kills_while_saving_the_checkpoint_before_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill at each call that reaches the disk, made of an error that nothing catches."""

    class Killed(BaseException):
        pass

    folder = CheckpointFolder(str(tmp_path))
    save(folder, 4)
    calls = ("fsync", "rename", "replace", "mkdir", "unlink", "open")
    real = {name: getattr(os, name) for name in calls}
    for survives in range(200):
        left = [survives]

        def counted(name: str, left: list[int] = left) -> Callable[..., Any]:
            def call(*args: Any, **options: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    raise Killed
                return real[name](*args, **options)

            return call

        with monkeypatch.context() as patch:
            for name in calls:
                patch.setattr(os, name, counted(name))
            try:
                save(folder, 5)
                killed = False
            except Killed:
                killed = True
        found = folder.load(with_optimizer=True)
        assert found.step in (4, 5)
        assert folder.load(4, with_optimizer=True).step == 4
        if found.step == 5:
            folder.remove_after(4)
        remove_parts(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["step-000004"]
        if not killed:
            break
    assert survives > 10

"""Checkpoints: each is a folder with weights, optimizer state and JSON, never half-written.

    <run>/checkpoints/step-000500/{model.safetensors, optimizer.safetensors, state.json}

A folder is written under another name and then renamed. The newest two checkpoints keep their
optimizer state, which is needed to resume (two, in case one is damaged). Older checkpoints keep
the weights only.
"""

from __future__ import annotations

import errno
import json
import posixpath
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import fsspec
import msgspec

from tinylm.config import ModelConfig
from tinylm.errors import BadRequest, CheckpointError, NotFound, StorageError

if TYPE_CHECKING:  # the server only lists checkpoints, so it should not import torch
    from torch import Tensor

FORMAT_VERSION = 1
_NAME = re.compile(r"step-(\d{6,})")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read: weights by name, and how far training had come."""

    step: int
    tokens_seen: int
    model_config: ModelConfig
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor] | None
    state: dict[str, Any]


class CheckpointFolder:
    """The checkpoints of one run, in a local folder or any address that fsspec knows."""

    def __init__(self, address: str):
        self.fs, self.path = fsspec.core.url_to_fs(address)

    def steps(self) -> list[int]:
        """The steps that have a checkpoint, in ascending order."""
        try:
            names = [posixpath.basename(p.rstrip("/")) for p in self.fs.ls(self.path, detail=False)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(int(m[1]) for m in map(_NAME.fullmatch, names) if m)

    def save(
        self,
        step: int,
        tokens_seen: int,
        model_config: ModelConfig,
        model: dict[str, Tensor],
        optimizer: dict[str, Tensor],
        **state: Any,
    ) -> str:
        """Write a checkpoint and return its name. `state` must be writable as JSON.

        Raises StorageError if writing fails; then no half-written checkpoint is left.
        """
        from safetensors.torch import save

        name = f"step-{step:06d}"
        part = self._file(f".part-{uuid.uuid4().hex[:8]}")
        record = {
            "version": FORMAT_VERSION,
            "step": step,
            "tokens_seen": tokens_seen,
            "model": msgspec.to_builtins(model_config),
            "state": state,
        }
        try:
            self.fs.makedirs(part, exist_ok=True)
            self.fs.pipe_file(f"{part}/model.safetensors", save(_contiguous(model)))
            self.fs.pipe_file(f"{part}/optimizer.safetensors", save(_contiguous(optimizer)))
            self.fs.pipe_file(f"{part}/state.json", json.dumps(record, indent=1).encode())
            if self.fs.exists(self._file(name)):
                self.fs.rm(self._file(name), recursive=True)
            self.fs.mv(part, self._file(name), recursive=True)
        except OSError as error:
            self._remove_quietly(part)
            raise _storage_error(error) from error
        for earlier in [s for s in self.steps() if s < step][:-1]:
            self._remove_quietly(self._file(f"step-{earlier:06d}/optimizer.safetensors"))
        return name

    def load(self, step: int = -1, with_optimizer: bool = False) -> Checkpoint:
        """Read the checkpoint of `step`, or the last one if `step` is -1.

        Raises NotFound if there is no such checkpoint, and CheckpointError if it is damaged or
        has an unknown version.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load

        steps = self.steps()
        if not steps:
            raise NotFound("This run has no checkpoint yet: let it train a little longer.")
        step = steps[-1] if step < 0 else step
        if step not in steps:
            known = ", ".join(map(str, steps))
            raise NotFound(f"There is no checkpoint at step {step}; there are: {known}.")
        folder = self._file(f"step-{step:06d}")
        try:
            record = json.loads(self.fs.cat_file(f"{folder}/state.json"))
            if record["version"] != FORMAT_VERSION:
                raise CheckpointError(
                    f"The checkpoint is of version {record['version']}: use the tinylm that "
                    "wrote it."
                )
            optimizer = None
            if with_optimizer:
                optimizer = load(self.fs.cat_file(f"{folder}/optimizer.safetensors"))
            return Checkpoint(
                step=int(record["step"]),
                tokens_seen=int(record["tokens_seen"]),
                model_config=msgspec.convert(record["model"], ModelConfig),
                model=load(self.fs.cat_file(f"{folder}/model.safetensors")),
                optimizer=optimizer,
                state=dict(record["state"]),
            )
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, BadRequest):
            raise CheckpointError(
                f"The checkpoint at step {step} is damaged: resume from an earlier one, "
                "or train the run anew."
            ) from None

    def remove_after(self, step: int) -> None:
        """Delete checkpoints later than `step`."""
        for later in self.steps():
            if later > step:
                self._remove_quietly(self._file(f"step-{later:06d}"))

    def _file(self, name: str) -> str:
        return posixpath.join(self.path, name)

    def _remove_quietly(self, path: str) -> None:
        try:
            if self.fs.exists(path):
                self.fs.rm(path, recursive=True)
        except OSError:
            pass  # a leftover does no harm: it only takes space on the disk


def _contiguous(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    # Each tensor gets a copy: the optimizer lets parameters share storage, which safetensors
    # refuses to save.
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}


def _storage_error(error: OSError) -> StorageError:
    if error.errno == errno.ENOSPC:
        return StorageError(
            "The disk is full, so the checkpoint could not be saved: delete a run or free some "
            "space, then resume."
        )
    return StorageError(f"The checkpoint could not be saved ({error.strerror}): check the folder.")

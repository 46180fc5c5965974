"""Checkpoints: each is a folder with weights, optimizer state and JSON, never half-written.

    <run>/checkpoints/step-000500/{model.safetensors, optimizer.safetensors, state.json, SHA256SUMS}

A folder is written under another name, flushed to the disk, and then renamed. SHA256SUMS has the
digests of the other files, so that changed bytes are noticed (`sha256sum -c` reads it, too). The
newest two checkpoints keep their optimizer state, which is needed to resume (two, in case one is
damaged). Older checkpoints keep the weights only.

Where machines share a place (tinylm/storage.py), a checkpoint counts there once its SHA256SUMS is
there, which is taken last. What this folder lacks, or has in another version, is brought here.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import math
import posixpath
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import msgspec
from fsspec.implementations.local import LocalFileSystem

from tinylm import storage
from tinylm.config import ModelConfig, RunConfig
from tinylm.errors import BadRequest, CheckpointError, NotFound, StorageError
from tinylm.files import flush_file, flush_folder, make_folder, part_prefix

if TYPE_CHECKING:  # the server only lists checkpoints, so it should not import torch
    from torch import Tensor

FORMAT_VERSION = 2
WITHOUT_SUMS = 1  # the version before digests; otherwise the same
MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"
SUMS = "SHA256SUMS"
_NAME = re.compile(r"step-(\d{6,})")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read: weights by name, and how far training had come."""

    step: int
    tokens_seen: int
    config: RunConfig
    model_config: ModelConfig
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor] | None
    best: tuple[int, float] = (0, math.inf)  # step and loss of the best validation by then
    precision: str = ""  # that it was trained in; "" where an earlier tinylm wrote it


class _Version(msgspec.Struct):
    """What every version of state.json says."""

    version: int


class _State(msgspec.Struct):
    config: dict[str, Any]


class _Record(_Version):
    """The content of state.json."""

    step: int
    tokens_seen: int
    model: ModelConfig
    state: _State
    best: tuple[int, float] | None = None  # None: no validation by then, or an earlier tinylm
    precision: str = ""


class _Damaged(CheckpointError):
    """What was read is not what was written: an earlier checkpoint may still be whole."""


class CheckpointFolder:
    """The checkpoints of one run, in a local folder or any address that fsspec knows."""

    def __init__(self, address: str):
        self.fs, self.path = fsspec.core.url_to_fs(address)
        self._local = isinstance(self.fs, LocalFileSystem)
        self._shared = storage.name_in_home(Path(self.path)) if self._local else ""

    def steps(self) -> list[int]:
        """The steps that have a checkpoint, in ascending order."""
        return sorted({*self._steps_here(), *self._steps_there()})

    def _steps_here(self) -> list[int]:
        try:
            names = [posixpath.basename(p.rstrip("/")) for p in self.fs.ls(self.path, detail=False)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [int(m[1]) for m in map(_NAME.fullmatch, names) if m]

    def _steps_there(self) -> dict[int, dict[str, str]]:
        """The checkpoints in the shared place: by step, the digest of each file."""
        place = storage.shared() if self._shared else None
        found: dict[int, dict[str, str]] = {}
        for path, digest in (place.versions(self._shared) if place is not None else {}).items():
            folder, file = path.split("/")[-2:]
            if match := _NAME.fullmatch(folder):
                found.setdefault(int(match[1]), {})[file] = digest
        return {step: files for step, files in found.items() if SUMS in files}

    def save(
        self,
        step: int,
        tokens_seen: int,
        config: RunConfig,
        model_config: ModelConfig,
        model: dict[str, Tensor],
        optimizer: dict[str, Tensor],
        best: tuple[int, float] = (0, math.inf),
        precision: str = "",
    ) -> str:
        """Write a checkpoint and return its name; on a local disk it then outlives a loss of power.

        Raises StorageError if it cannot be written; no half-written files are left then.
        """
        from safetensors.torch import save

        state = _State(config.to_dict())
        known = best if math.isfinite(best[1]) else None
        record = _Record(FORMAT_VERSION, step, tokens_seen, model_config, state, known, precision)
        name, part = checkpoint_name(step), self._part()
        sums: list[str] = []

        def write(file: str, data: bytes) -> None:
            self.fs.pipe_file(f"{part}/{file}", data)
            if self._local:
                flush_file(Path(part, file))
            sums.append(f"{_sum(data)}  {file}\n")

        try:
            if self._local:
                make_folder(Path(self.path))
            self.fs.makedirs(part, exist_ok=True)
            write(MODEL, save(_contiguous(model)))
            write(OPTIMIZER, save(_contiguous(optimizer)))
            write(STATE, msgspec.json.format(msgspec.json.encode(record), indent=1))
            write(SUMS, "".join(sums).encode())
            self._publish(part, self._file(name))
        except OSError as error:
            self._remove_quietly(part)
            raise _storage_error(error, "saved") from error
        self._take_there(step)
        self._forget_older_states(step)
        return name

    def _take_there(self, step: int) -> None:
        """Take a checkpoint to the shared place, where there is one."""
        place = storage.shared() if self._shared else None
        if place is None:
            return
        name = checkpoint_name(step)
        for file in (MODEL, OPTIMIZER, STATE, SUMS):
            path = Path(self.path, name, file)
            if path.exists():  # an older one has no optimizer state
                place.take(path, f"{self._shared}/{name}/{file}")

    def share(self, known: Collection[int]) -> None:
        """Take the tokenizer, and what the shared place lacks of the `known` checkpoints, there."""
        if self._shared and storage.shared() is not None:
            tokenizer = Path(self.path).parent / "tokenizer.json"
            if tokenizer.exists():
                storage.take_file(tokenizer)
            there = self._steps_there()
            for step in self._steps_here():
                if step in known and step not in there:
                    self._take_there(step)

    def forget_unshared(self, known: Collection[int]) -> None:
        """Where there is a shared place, remove what is here, not there, and not `known`.

        A machine that died before it could share a checkpoint has such a one when it comes back,
        and meanwhile another machine may have gone on with the run from an earlier step.
        """
        if self._shared and storage.shared() is not None:
            counting = {*known, *self._steps_there()}
            for step in self._steps_here():
                if step not in counting:
                    self._remove_quietly(self._file(checkpoint_name(step)))

    def _bring(self, step: int, with_optimizer: bool) -> None:
        """Bring from the shared place what is missing here of a checkpoint, or another version."""
        place = storage.shared() if self._shared else None
        files = self._steps_there().get(step) if place is not None else None
        if place is None or files is None:
            return
        storage.bring_file(Path(self.path).parent / "tokenizer.json")
        name, folder = checkpoint_name(step), Path(self.path, checkpoint_name(step))
        sums = folder / SUMS
        if not sums.exists() or storage.digest_of(sums) != files[SUMS]:
            self._remove_quietly(str(folder))
        if not with_optimizer:
            files.pop(OPTIMIZER, None)
        for file in sorted(files, key=lambda file: file == SUMS):  # the sums are the last here, too
            if not (folder / file).exists():
                place.bring(f"{self._shared}/{name}/{file}", files[file], folder / file)

    def load(self, step: int = -1, with_optimizer: bool = False) -> Checkpoint:
        """Read the checkpoint of `step`, or with -1 the newest one that is not damaged.

        Raises NotFound if there is none, CheckpointError if it is damaged or of a version that
        this program does not know, and StorageError if the disk refuses.
        """
        steps = self.steps()
        if not steps:
            raise NotFound("This run has no checkpoint yet: let it train a little longer.")
        if step < 0:
            return self._newest(with_optimizer)
        if step not in steps:
            known = ", ".join(map(str, steps))
            raise NotFound(f"There is no checkpoint at step {step}; there are: {known}.")
        try:
            return self._read(step, with_optimizer)
        except _Damaged as damaged:
            whole = self._newest(with_optimizer).step
            raise CheckpointError(
                f"{damaged} The newest whole one is of step {whole}: choose that."
            ) from None

    def _newest(self, with_optimizer: bool) -> Checkpoint:
        for step in reversed(self.steps()):
            with contextlib.suppress(_Damaged):
                return self._read(step, with_optimizer)
        raise CheckpointError(
            "All checkpoints of this run are damaged: start a new run with its settings."
        )

    def _read(self, step: int, with_optimizer: bool) -> Checkpoint:
        from safetensors import SafetensorError
        from safetensors.torch import load

        folder = self._file(checkpoint_name(step))
        damaged = _Damaged(f"The checkpoint at step {step} is damaged.")
        try:
            self._bring(step, with_optimizer)
            sums = self._sums(folder)

            def read(file: str) -> bytes:
                data: bytes = self.fs.cat_file(f"{folder}/{file}")
                if sums is not None and sums.get(file) != _sum(data):
                    raise damaged
                return data

            text = read(STATE)
            version = msgspec.json.decode(text, type=_Version).version
            if version not in (WITHOUT_SUMS, FORMAT_VERSION):
                raise CheckpointError(
                    f"The checkpoint is of version {version}: use the tinylm that wrote it."
                )
            if sums is None and version != WITHOUT_SUMS:
                raise damaged
            record = msgspec.json.decode(text, type=_Record)
            config = RunConfig.from_dict(record.state.config)
            RunConfig(model=record.model).check()
            return Checkpoint(
                step=record.step,
                tokens_seen=record.tokens_seen,
                config=config,
                model_config=record.model,
                model=load(read(MODEL)),
                optimizer=load(read(OPTIMIZER)) if with_optimizer else None,
                best=record.best or (0, math.inf),
                precision=record.precision,
            )
        except storage.NotWhole:
            raise damaged from None
        except (SafetensorError, ValueError, OverflowError, RecursionError, BadRequest):
            raise damaged from None
        except OSError as error:
            lost = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
            if lost or error.errno == errno.EIO:
                raise damaged from None
            raise _storage_error(error, "read") from error

    def _sums(self, folder: str) -> dict[str, str] | None:
        """The digests by file; None where there are none, as before there were any."""
        try:
            text = self.fs.cat_file(f"{folder}/{SUMS}").decode()
        except FileNotFoundError:
            return None
        lines = (line.split("  ", 1) for line in text.splitlines())
        return {file: digest for digest, file in lines}

    def _publish(self, part: str, final: str) -> None:
        """Give the folder its name, after what is in it is flushed; then flush the name, too."""
        if self._local:
            flush_folder(Path(part))
        replaced = self._part() if self.fs.exists(final) else ""
        if replaced:
            self.fs.mv(final, replaced, recursive=True)
        self.fs.mv(part, final, recursive=True)
        if self._local:
            flush_folder(Path(self.path))
        if replaced:
            self._remove_quietly(replaced)

    def remove_after(self, step: int) -> None:
        """Delete checkpoints later than `step`, and what is not needed to resume from there."""
        for later in self.steps():
            if later > step:
                self._remove_quietly(self._file(checkpoint_name(later)))
                if self._shared and (place := storage.shared()) is not None:
                    place.remove_folder(f"{self._shared}/{checkpoint_name(later)}")
        self._forget_older_states(step)

    def _forget_older_states(self, step: int) -> None:
        """Remove the optimizer states of all checkpoints before the one that `step` follows."""
        there = self._steps_there()
        for earlier in [s for s in sorted({*self._steps_here(), *there}) if s < step][:-1]:
            self._remove_quietly(self._file(f"{checkpoint_name(earlier)}/{OPTIMIZER}"))
            if OPTIMIZER in there.get(earlier, {}) and (place := storage.shared()) is not None:
                place.remove(f"{self._shared}/{checkpoint_name(earlier)}/{OPTIMIZER}")

    def _file(self, name: str) -> str:
        return posixpath.join(self.path, name)

    def _part(self) -> str:
        return self._file(f"{part_prefix()}{uuid.uuid4().hex[:8]}")

    def _remove_quietly(self, path: str) -> None:
        try:
            if self.fs.exists(path):
                self.fs.rm(path, recursive=True)
        except OSError:
            pass  # a leftover does no harm: it only takes space on the disk


def checkpoint_name(step: int) -> str:
    return f"step-{step:06d}"


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _contiguous(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    # Each tensor gets a copy: the optimizer lets parameters share storage, which safetensors
    # refuses to save.
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}


def _storage_error(error: OSError, done: str) -> StorageError:
    if error.errno == errno.ENOSPC:
        return StorageError(
            "The disk is full, so the checkpoint could not be saved: delete a run or free some "
            "space, then resume."
        )
    return StorageError(f"The checkpoint could not be {done} ({error.strerror}): check the folder.")

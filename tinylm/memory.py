"""The memory that a run needs, estimated from its settings, and the memory that is free here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from tinylm.config import ModelConfig, RunConfig
from tinylm.errors import BadRequest

GB = 1e9
BASE = 0.65 * GB  # the program with its libraries, the text, and the tokens of a preset
VALIDATION_ROWS, VALIDATION_LENGTH = 32, 512  # rows of a batch, up to this context; then fewer
# Without clones and serialised copies: weights, gradients, and two moments of AdamW. Saving a
# checkpoint holds the moments twice more for a moment.
COPIES_OF_WEIGHTS = 4 + 4
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")
NAMES = (  # of a control group's files, by version: its limit, its use, and the cached part of it
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


class Memory(NamedTuple):
    """The bytes of memory of this machine, or of the container that this process runs in."""

    total: float
    free: float


def memory_needed(config: RunConfig) -> float:
    """About how many bytes a run needs on the CPU: weights and their copies, and activations.

    The copies are those of gradients, optimizer and checkpoint. It counts what the gradient of
    `tinylm/fast/fused.py` keeps of each layer (docs/measurements.md compares it with what runs
    took).
    """
    model, train = config.model, config.train
    size = 2 if train.precision == "bf16" else 4  # bytes of a number kept for the gradient
    rows = min(train.batch_size, train.micro_batch_size or train.batch_size)
    learned = _layer_numbers(model, rows, size)
    looking = validation_rows(model.block_size)
    looked = 2 * _layer_numbers(model, looking, size)
    odds = 2 * 4 * looking * model.block_size * model.vocab_size  # and their logarithms, at a look
    # Backwards, one layer's gradients stand beside what is kept of all.
    kept = (model.n_layer + 1.5) * learned
    if train.activation_checkpointing == "on":
        kept = 2.5 * learned + 4 * model.n_layer * rows * model.block_size * model.n_embd
    return BASE + COPIES_OF_WEIGHTS * 4 * num_parameters(model) + max(kept, looked + odds)


def validation_rows(block_size: int) -> int:
    """How many rows of this context a validation reads together."""
    return max(1, VALIDATION_ROWS * VALIDATION_LENGTH // max(VALIDATION_LENGTH, block_size))


def num_parameters(model: ModelConfig) -> int:
    """How many weights a GPT of this shape has."""
    width, hidden = model.n_embd, _hidden(model)
    block = 4 * width**2 + 3 * width * hidden + 2 * width + 2 * model.head_size
    return model.vocab_size * width + model.n_layer * block + width


def _layer_numbers(model: ModelConfig, rows: int, size: int) -> float:
    """The bytes that the gradient needs of one layer for `rows` full rows."""
    tokens = rows * model.block_size
    residual = 2 * 4 * tokens * model.n_embd  # read by attention and by the MLP, in fp32
    products = tokens * (9 * model.n_embd + 3 * _hidden(model))
    attention = tokens * model.n_head * model.block_size
    return residual + size * (products + attention)


def _hidden(model: ModelConfig) -> int:
    return -(-8 * model.n_embd // 3 // 32) * 32


def memory_here(cgroups: Path = CGROUPS, own: Path = OWN_CGROUP) -> Memory:
    """The memory of this machine, or what its container may use, where that is less."""
    found = psutil.virtual_memory()
    total, free = float(found.total), float(found.available)
    for folder, limit, used, cached in _groups(cgroups, own):
        with suppress(OSError, ValueError):  # there is no such group, or its limit is "max"
            most = int((folder / limit).read_text())
            counts = dict(map(str.split, (folder / "memory.stat").read_text().splitlines()))
            taken = int((folder / used).read_text()) - int(counts.get(cached, 0))
            total, free = min(total, most), min(free, most - taken)
    return Memory(total, max(0.0, free))


def _groups(cgroups: Path, own: Path) -> Iterator[tuple[Path, str, str, str]]:
    """The control groups that may limit this process: those of its container, and its own.

    With each come the names of its limit, of what is used, and of the part of that which only
    caches files.
    """
    found = {(cgroups, *NAMES[0]), (cgroups / "memory", *NAMES[1])}
    with suppress(OSError, ValueError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            version = {"": 0, "memory": 1}.get(controllers)
            if version is not None:
                above = cgroups / "memory" if version else cgroups
                found.add((above / path.strip("/"), *NAMES[version]))
    yield from found


def check_memory(*configs: RunConfig) -> None:
    """Raise BadRequest, with the numbers, where these runs together need more than is free here.

    What a graphics processor needs is not known beforehand.
    """
    needed = sum(memory_needed(one) for one in configs if one.train.device in ("auto", "cpu"))
    here = memory_here()
    if needed > here.free:
        raise BadRequest(
            f"This needs about {needed / GB:.1f} GB of memory, and this machine has "
            f"{here.free / GB:.1f} GB free of {here.total / GB:.1f} GB: choose a smaller batch, "
            "context or model."
        )

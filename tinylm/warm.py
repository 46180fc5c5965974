"""Compiling the loops once, before they are needed, in a process of its own.

    python -m tinylm.warm fp32|bf16

Numba keeps what it compiled beside this package, or in the user's cache where it cannot. What a
process compiles itself rounds a little differently from what it finds there (docs/decisions.md),
so a run whose curve is to be the same again finds all of it.
"""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from pathlib import Path

import torch
from filelock import FileLock

from tinylm.compiled import kernels, token_kernels
from tinylm.config import ModelConfig, TrainConfig
from tinylm.device import choose_precision
from tinylm.generate import generate
from tinylm.model import GPT
from tinylm.optimizer import Optimizer
from tinylm.processors import share_processors
from tinylm.runs.process import lower_priority
from tinylm.train import autocast, update

SHAPE = ModelConfig(n_layer=1, n_head=2, n_embd=32, block_size=32, vocab_size=256)
WIDTH = ModelConfig().n_embd


def is_ready() -> bool:
    """Whether all loops are compiled for this processor."""
    return kernels is None or _stamp().exists()


def compile_once() -> None:
    """Return when all loops are compiled; processes that ask at the same time share the work."""
    if is_ready():
        return
    stamp = _stamp()
    with FileLock(stamp.with_suffix(".lock")):
        if stamp.exists():
            return
        works = [_python("-m", "tinylm.warm", precision) for precision in _precisions()]
        if [work.wait() for work in works] == [0] * len(works):
            stamp.touch()


def begin() -> None:
    """Begin to compile, if need be, and do not wait."""
    if not is_ready():
        _python("-c", "from tinylm.warm import compile_once; compile_once()")


def _python(*arguments: str) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, *arguments], stdin=nothing, stdout=nothing)


def _stamp() -> Path:
    """The file that says so: of another processor, source or Numba it is another one."""
    parts = [platform.platform(), *kernels.compiler()]
    for module in (kernels, token_kernels):
        parts.append(Path(module.__file__).read_text(encoding="utf-8"))
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    return Path(kernels.norm.stats.cache_path) / f"all-{digest}.txt"


def _precisions() -> list[str]:
    """Those that models are trained in here, if nobody chooses another."""
    return list(dict.fromkeys(("fp32", choose_precision("auto", torch.device("cpu"), WIDTH))))


def _use_all(precision: str) -> None:
    """Train, read and write a little."""
    model = GPT(SHAPE)
    optimizer = Optimizer(model, TrainConfig())
    ids = torch.arange(2 * 33).view(2, 33)
    rows = ids[:, :-1], ids[:, 1:].contiguous()
    update(model, optimizer, rows, 0, TrainConfig(), precision)
    with torch.inference_mode(), autocast(torch.device("cpu"), precision):
        model(*rows)
    if precision == "fp32":
        generate(model, [1, 2], 2)


def main(precision: str) -> int:
    """Compile what this precision needs."""
    lower_priority()
    share_processors()
    _use_all(precision)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

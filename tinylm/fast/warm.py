"""Compiling the loops once, before they are needed, in a process of its own.

    python -m tinylm.fast.warm

Numba keeps what it compiled beside this package, or in the user's cache where it cannot. What a
process compiles itself rounds a little differently from what it finds there, so a run whose curve
is to be the same again finds all of it (docs/decisions/speed.md).
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import platform
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from tinylm.config import ModelConfig, TrainConfig
from tinylm.fast import kernels, token_kernels, update_kernels
from tinylm.fast.gpt import FusedGPT
from tinylm.model.generate import generate
from tinylm.openmp import share_processors
from tinylm.process import lower_priority
from tinylm.training.device import choose_precision
from tinylm.training.loop import autocast, update
from tinylm.training.optimizer import Optimizer

SHAPE = ModelConfig(n_layer=1, n_head=2, n_embd=32, block_size=32, vocab_size=256)
WIDTH = ModelConfig().n_embd
POLL = 0.1  # seconds

log = logging.getLogger("tinylm.fast.warm")


def is_ready() -> bool:
    """Whether all loops are compiled for this processor."""
    return _stamp().exists()


def compile_once(give_up: Callable[[], bool] = lambda: False) -> None:
    """Return when all loops are compiled, or `give_up` says so, which is asked often.

    Where they cannot be compiled beforehand, whoever needs one compiles it.
    """
    if is_ready():
        return
    try:
        work = _compiler()
    except OSError as error:
        log.warning("cannot compile beforehand: %s", error)
        return
    while (status := _status(work)) is None:
        if give_up():
            return
    if status:
        log.warning("compiling beforehand failed with exit status %s", status)


def _status(work: subprocess.Popen[bytes]) -> int | None:
    try:
        return work.wait(POLL)
    except subprocess.TimeoutExpired:
        return None


def begin() -> None:
    """Begin to compile, if need be, and do not wait."""
    try:
        if is_ready():
            return
        with FileLock(_lock(), timeout=0):
            pass
        _compiler()
    except Timeout:  # another process does
        pass
    except OSError as error:
        log.warning("cannot compile beforehand: %s", error)


def _compiler() -> subprocess.Popen[bytes]:
    """A process that compiles; it outlives this one, and holds none of its pipes."""
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-m", "tinylm.fast.warm"]
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)


@cache
def _stamp() -> Path:
    """The file that says so: of another processor, Python, source or Numba it is another one."""
    parts = [platform.platform(), sys.version, *kernels.compiler()]
    for module in (kernels, token_kernels, update_kernels):
        parts.append(inspect.getsource(module))
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    return Path(kernels.norm.stats.cache_path) / f"all-{digest}.txt"


def _lock() -> Path:
    return _stamp().with_name("compiling.lock")


def _precisions() -> list[str]:
    """Those that models are trained in here, if nobody chooses another."""
    return list(dict.fromkeys(("fp32", choose_precision("auto", torch.device("cpu"), WIDTH))))


def _use_all(precision: str) -> None:
    """Train, read and write a little."""
    model = FusedGPT(SHAPE)
    optimizer = Optimizer(model, TrainConfig())
    ids = torch.arange(2 * 33).view(2, 33)
    rows = ids[:, :-1], ids[:, 1:].contiguous()
    update(model, optimizer, rows, 0, TrainConfig(), precision)
    with torch.inference_mode(), autocast(torch.device("cpu"), precision):
        model(*rows)
    if precision == "fp32":
        generate(model, [1, 2], 2)


def main() -> int:
    """Compile all that is used here; whoever comes second waits, and has nothing to do."""
    lower_priority()
    share_processors()
    with FileLock(_lock()):
        if not is_ready():
            _forget_others()
            for precision in _precisions():
                _use_all(precision)
            _stamp().touch()
    return 0


def _forget_others() -> None:
    """Forget what other sources left behind.

    Numba does not see that a function of another file, compiled into this one, has changed; and
    whoever goes back to those sources finds loops of these.
    """
    for stamp in _stamp().parent.glob("all-*.txt"):
        stamp.unlink(missing_ok=True)
    for module in (token_kernels, update_kernels):
        for path in _stamp().parent.glob(f"{module.__name__.rpartition('.')[2]}.*.nb[ic]"):
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())

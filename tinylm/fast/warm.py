"""Compiling the loops once, before they are needed, in a separate process.

    python -m tinylm.fast.warm

Numba keeps its compiled code beside this package or, if it cannot write there, in the user's
cache folder. Loops that a process has just compiled itself round a little differently from loops
that it loads from the cache. So all loops must be in the cache before a run whose curve should be
reproducible (docs/decisions/speed.md).
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
    """Wait until all loops are compiled, or until `give_up`, which is called often, returns true.

    A failure is only logged: then each process compiles the loops that it needs.
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
    """Start to compile in another process, if that is needed, and do not wait for it."""
    try:
        if is_ready():
            return
        with FileLock(_lock(), timeout=0):
            pass
        _compiler()
    except Timeout:  # another process is already compiling
        pass
    except OSError as error:
        log.warning("cannot compile beforehand: %s", error)


def _compiler() -> subprocess.Popen[bytes]:
    """Start a process that compiles. It may outlive this one and holds none of its pipes."""
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-m", "tinylm.fast.warm"]
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)


@cache
def _stamp() -> Path:
    """The file whose existence says that all loops are compiled.

    Its name depends on the processor, Python, Numba and the source of the loops.
    """
    parts = [platform.platform(), sys.version, *kernels.compiler()]
    for module in (kernels, token_kernels, update_kernels):
        parts.append(inspect.getsource(module))
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    return Path(kernels.norm.stats.cache_path) / f"all-{digest}.txt"


def _lock() -> Path:
    return _stamp().with_name("compiling.lock")


def _precisions() -> list[str]:
    """The precisions that training uses on this machine unless a setting names another."""
    return list(dict.fromkeys(("fp32", choose_precision("auto", torch.device("cpu"), WIDTH))))


def _use_all(precision: str) -> None:
    """Train and evaluate a tiny model, and in fp32 also sample, so that every loop is compiled."""
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
    """Compile all loops that this machine uses. A second process waits and then finds them done."""
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
    """Delete the stamps and compiled loops of other versions of the source.

    Numba does not notice a change in a function of another file that is compiled into a loop. So
    the loops of the two files that use `kernels.py` are deleted. All stamps are deleted because
    after a return to an older source the loops there would be those of the newer one.
    """
    for stamp in _stamp().parent.glob("all-*.txt"):
        stamp.unlink(missing_ok=True)
    for module in (token_kernels, update_kernels):
        for path in _stamp().parent.glob(f"{module.__name__.rpartition('.')[2]}.*.nb[ic]"):
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())

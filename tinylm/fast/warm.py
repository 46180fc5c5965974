"""Compiling the loops once, before they are needed, in a separate process.

    python -m tinylm.fast.warm

Numba keeps its compiled code beside this package or, if it cannot write there, in the user's
cache folder. Loops that a process has just compiled itself round a little differently from loops
that it loads from the cache. So all loops must be in the cache before a run whose curve should be
reproducible (docs/decisions/speed.md).
"""

from __future__ import annotations

import faulthandler
import hashlib
import inspect
import logging
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import msgspec
import torch
from filelock import FileLock, Timeout

from tinylm.config import ModelConfig, TrainConfig
from tinylm.fast import kernels, token_kernels, update_kernels
from tinylm.fast.gpt import FusedGPT
from tinylm.files import write_whole
from tinylm.model.generate import generate
from tinylm.openmp import share_processors
from tinylm.process import lower_priority
from tinylm.training.device import choose_precision
from tinylm.training.optimizer import Optimizer
from tinylm.training.update import autocast, update

SHAPE = ModelConfig(n_layer=1, n_head=2, n_embd=32, block_size=32, vocab_size=256)
WIDTH = ModelConfig().n_embd
LOOPS = (kernels, token_kernels, update_kernels)
POLL = 0.1  # seconds
LIMIT = 600.0  # seconds for compiling, which takes 30 on two cores that do nothing else

log = logging.getLogger("tinylm.fast.warm")


def is_ready() -> bool:
    """Whether all loops are compiled for this processor, and are what they were then."""
    return _stamp().exists() and not _changed()


def compile_once(
    give_up: Callable[[], bool] = lambda: False, clock: Callable[[], float] = time.monotonic
) -> bool:
    """Wait until all loops are compiled, or until `give_up`, which is called often, returns true.

    Returns False, and logs why, if they cannot be compiled within LIMIT seconds of `clock`.
    """
    if is_ready():
        return True
    deadline = clock() + LIMIT
    try:
        _forget_changed()
        work = _compiler()
    except OSError as error:
        log.warning("cannot compile beforehand: %s", error)
        return False
    while (status := _status(work)) is None:
        if give_up():
            return True
        if clock() > deadline:
            work.kill()
            log.warning("compiling beforehand took longer than %.0f s", LIMIT)
            return False
    if status:
        log.warning("compiling beforehand failed with exit status %s", status)
    return not status


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
            _forget_changed()
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
    """The file which says that all loops are compiled, with a digest of each.

    Its name depends on the processor, Python, Numba and the source of the loops.
    """
    parts = [platform.platform(), sys.version, *kernels.compiler()]
    for module in LOOPS:
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
        faulthandler.dump_traceback_later(LIMIT, exit=True)  # also where this process hangs
        if not is_ready():
            _forget_changed()
            _forget_others()
            for precision in _precisions():
                _use_all(precision)
            write_whole(_stamp(), msgspec.json.encode(_digests()))
        faulthandler.cancel_dump_traceback_later()
    return 0


def _digests() -> dict[str, str]:
    """The SHA-256 of each compiled loop, by the name of its file."""
    paths = sorted(path for module in LOOPS for path in _compiled(module, "c"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _changed() -> list[str]:
    """The files that are no longer what the stamp says. What was compiled later is not in it."""
    try:
        known = msgspec.json.decode(_stamp().read_bytes(), type=dict[str, str])
        now = _digests()
    except (OSError, msgspec.MsgspecError):
        return [_stamp().name]
    return [name for name, digest in known.items() if now.get(name) != digest]


def _forget_changed() -> None:
    """Delete what is damaged, before anybody runs it; Numba then compiles it."""
    if _stamp().exists():
        for name in _changed():
            _stamp().with_name(name).unlink(missing_ok=True)


def _compiled(module: ModuleType, kind: str) -> Iterator[Path]:
    """Numba's files for the functions of a module: indexes "i" or code "c"."""
    return _stamp().parent.glob(f"{module.__name__.rpartition('.')[2]}.*.nb[{kind}]")


def _forget_others() -> None:
    """Delete the stamps and compiled loops of other versions of the source.

    Numba does not notice a change in a function of another file that is compiled into a loop. So
    the loops of the two files that use `kernels.py` are deleted. All stamps are deleted because
    after a return to an older source the loops there would be those of the newer one.
    """
    for stamp in _stamp().parent.glob("all-*.txt"):
        stamp.unlink(missing_ok=True)
    for module in (token_kernels, update_kernels):
        for path in _compiled(module, "ic"):
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())

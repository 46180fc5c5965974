"""Which device and precision this machine trains fastest with, and how torch uses its threads."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from functools import cache

import torch

from tinylm.config import ModelConfig, TrainConfig
from tinylm.errors import BadRequest
from tinylm.model.gpt import GPT
from tinylm.speed import fastest
from tinylm.training.optimizer import Optimizer

# Parameters of mallopt(3) and their values: blocks of up to KEPT_BLOCK bytes come from the heap,
# and the heap keeps up to KEPT_IN_ALL bytes of free memory.
M_MMAP_THRESHOLD, KEPT_BLOCK = -3, 1 << 25
M_TRIM_THRESHOLD, KEPT_IN_ALL = -1, 1 << 29


def choose_device(wanted: str = "auto") -> torch.device:
    """The device to compute on: "cpu", "cuda" or "mps" (Apple).

    "auto" takes the device that the environment variable TINYLM_DEVICE names. Without the
    variable, it takes the device that trains a small model fastest, which is measured. Raises
    BadRequest for a device that this machine does not have.
    """
    if wanted == "auto":
        wanted = os.environ.get("TINYLM_DEVICE", "auto")
    found = available_devices()
    if wanted == "auto":
        return torch.device(min(found, key=seconds_of_update) if len(found) > 1 else found[0])
    if wanted not in found:
        raise BadRequest(
            f"This machine cannot compute on {wanted!r}: set the device to auto or to one of "
            f"{', '.join(found)}."
        )
    return torch.device(wanted)


def available_devices() -> list[str]:
    """The names of the devices that torch finds on this machine; the CPU is always the first."""
    others = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ["cpu", *(name for name, there in others.items() if there)]


@cache
def seconds_of_update(device: str) -> float:
    """The time in seconds of the fastest of four updates of the default model on `device`."""
    model = fastest(GPT)(ModelConfig()).to(device)
    optimizer = Optimizer(model, TrainConfig())
    ids = torch.zeros(TrainConfig().batch_size, model.config.block_size, dtype=torch.int64)
    best = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        model(ids.to(device), ids.to(device)).backward()
        optimizer.clip_gradient(1.0)
        optimizer.step(0.0)
        float(model.embedding.weight.detach()[0, 0])  # wait until the device is done
        optimizer.zero_grad()
        best = min(best, time.perf_counter() - start)
    return best


def choose_precision(wanted: str, device: torch.device, width: int) -> str:
    """The precision to train in: "fp32" or "bf16".

    "auto" takes bf16 if matrix products of this width are clearly faster in it. On a CPU without
    bf16 instructions, bf16 is several times slower than fp32. Raises BadRequest for another name.
    """
    if wanted in ("fp32", "bf16"):
        return wanted
    if wanted != "auto":
        raise BadRequest(f"precision must be auto, fp32 or bf16; got {wanted!r}.")
    return "bf16" if _bf16_gain(device.type, width) > 1.5 else "fp32"


@cache
def _bf16_gain(device: str, width: int) -> float:
    """How many times faster a matrix product with rows of `width` numbers is in bf16 than in fp32.

    It compares the best times on one thread, because other work on the machine must not change
    the precision, and so the results of a seed.
    """
    if device == "mps":
        return 1.0
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _seconds_of_product(device, width, torch.float32) / _seconds_of_product(
            device, width, torch.bfloat16
        )
    finally:
        torch.set_num_threads(threads)


def _seconds_of_product(device: str, width: int, kind: torch.dtype) -> float:
    a = torch.ones(1024, width, dtype=kind, device=device)
    b = torch.ones(width, 4 * width, dtype=kind, device=device)
    best = float("inf")
    for _ in range(40):
        start = time.perf_counter()
        product = a @ b
        product[0, 0].item()  # wait until a GPU is done
        best = min(best, time.perf_counter() - start)
    return best


def use_threads(threads: int, *, keep_memory: bool = True) -> None:
    """Let torch compute with `threads` threads, and let denormal numbers, which are slow, be zero.

    The second setting also holds in threads that start later, such as Numba's, but not in those
    that run already. So call this function first. With `keep_memory`, freed memory stays with this
    process instead of going back to the system.
    """
    torch.set_num_threads(max(1, threads))
    torch.set_flush_denormal(True)
    if keep_memory:
        _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Let glibc reuse freed memory instead of asking the system for zeroed pages every time.

    Without this an update touches thousands of new pages (docs/decisions/threads-and-memory.md).
    On systems without glibc this function does nothing.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK)
        mallopt(M_TRIM_THRESHOLD, KEPT_IN_ALL)

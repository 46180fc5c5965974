"""Which device, precision and number of threads this machine trains fastest with."""

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

# Of mallopt(3): blocks up to so many bytes come from the heap; so much free memory stays there.
M_MMAP_THRESHOLD, KEPT_BLOCK = -3, 1 << 25
M_TRIM_THRESHOLD, KEPT_IN_ALL = -1, 1 << 29


def choose_device(wanted: str = "auto") -> torch.device:
    """Where to compute: "cpu", "cuda" or "mps" (Apple).

    "auto" takes what the environment variable TINYLM_DEVICE names; without it, the device that
    a probe finds fastest at training a small model. Raises BadRequest for what is not there.
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
    """The CPU, and what else torch finds here."""
    others = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ["cpu", *(name for name, there in others.items() if there)]


@cache
def seconds_of_update(device: str) -> float:
    """The quickest of a few updates of the default model, in seconds."""
    model = fastest(GPT)(ModelConfig()).to(device)
    optimizer = Optimizer(model, TrainConfig())
    ids = torch.zeros(TrainConfig().batch_size, model.config.block_size, dtype=torch.int64)
    best = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        model(ids.to(device), ids.to(device)).backward()
        optimizer.clip_gradient(1.0)
        optimizer.step(0.0)
        float(model.embedding.weight.detach()[0, 0])  # waits for the device
        optimizer.zero_grad()
        best = min(best, time.perf_counter() - start)
    return best


def choose_precision(wanted: str, device: torch.device, width: int) -> str:
    """`fp32` or `bf16`; "auto" takes bf16 where products of this width are clearly faster in it.

    On CPUs without bf16 instructions it is several times slower than fp32.
    """
    if wanted in ("fp32", "bf16"):
        return wanted
    if wanted != "auto":
        raise BadRequest(f"precision must be auto, fp32 or bf16; got {wanted!r}.")
    return "bf16" if _bf16_gain(device.type, width) > 1.5 else "fp32"


@cache
def _bf16_gain(device: str, width: int) -> float:
    """Time of a matrix product in fp32 over its time in bf16: rows of `width` with a matrix.

    At best, on one thread: what else the machine does must not change what a seed gives.
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
        product[0, 0].item()  # waits for a GPU
        best = min(best, time.perf_counter() - start)
    return best


def use_threads(threads: int, *, keep_memory: bool = True) -> None:
    """Let torch compute with `threads` threads; denormal numbers, which are slow, become zero.

    The latter in threads that begin later, Numba's for instance: call it first.

    With `keep_memory`, what this process frees stays with it.
    """
    torch.set_num_threads(max(1, threads))
    torch.set_flush_denormal(True)
    if keep_memory:
        _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Let glibc reuse what was freed, instead of asking the system for zeroed pages every time.

    Without this an update touches thousands of new pages (docs/decisions/threads-and-memory.md).
    Elsewhere than on glibc nothing happens.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK)
        mallopt(M_TRIM_THRESHOLD, KEPT_IN_ALL)

"""Which device, precision and number of threads this machine trains fastest with."""

from __future__ import annotations

import time
from functools import cache

import torch

from tinylm.errors import BadRequest


def choose_device() -> torch.device:
    """CUDA, Apple's MPS, or the CPU, whichever is there first."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def choose_precision(wanted: str, device: torch.device) -> str:
    """`fp32` or `bf16`; "auto" takes bf16 where a quick probe finds it clearly faster.

    On CPUs without bf16 instructions it is several times slower than fp32.
    """
    if wanted in ("fp32", "bf16"):
        return wanted
    if wanted != "auto":
        raise BadRequest(f"precision must be auto, fp32 or bf16; got {wanted!r}.")
    return "bf16" if _bf16_gain(device.type) > 1.3 else "fp32"


@cache
def _bf16_gain(device: str) -> float:
    """Time of a matrix product in fp32 over its time in bf16."""
    if device == "mps":
        return 1.0
    seconds = {}
    for kind in (torch.float32, torch.bfloat16):
        a = torch.ones(1024, 128, dtype=kind, device=device)
        b = torch.ones(128, 512, dtype=kind, device=device)
        best = float("inf")
        for _ in range(8):
            start = time.perf_counter()
            product = a @ b
            product[0, 0].item()  # waits for a GPU
            best = min(best, time.perf_counter() - start)
        seconds[kind] = best
    return seconds[torch.float32] / seconds[torch.bfloat16]


def use_threads(threads: int) -> None:
    """Let torch compute with `threads` threads; denormal numbers, which are slow, become zero."""
    torch.set_num_threads(max(1, threads))
    torch.set_flush_denormal(True)

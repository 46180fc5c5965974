"""The peak of this machine's matrix products, in floating-point operations per second."""

from __future__ import annotations

import torch

from benchmarks.speed.timing import in_turns

# (rows, inner, columns): a square product, and the shapes of a small model's layers.
SHAPES = ((1024, 1024, 1024), (1024, 128, 352), (1024, 128, 2048), (1024, 352, 128))
KINDS = {"fp32": torch.float32, "bf16": torch.bfloat16}


def matrix_peak(precision: str, threads: int, rounds: int) -> float:
    """The best GFLOP/s over SHAPES. A product takes 2 x rows x inner x columns operations."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        works, counts = {}, {}
        for shape in SHAPES:
            rows, inner, columns = shape
            a = torch.ones(rows, inner, dtype=KINDS[precision])
            b = torch.ones(inner, columns, dtype=KINDS[precision])
            works[str(shape)] = lambda a=a, b=b: a @ b
            counts[str(shape)] = 2 * rows * inner * columns
        times = in_turns(works, rounds)
        return max(counts[name] / times[name].best for name in works) / 1e9
    finally:
        torch.set_num_threads(before)

"""What an update does with gradients and weights besides matrix products, compiled by Numba.

Gradients stay where autograd put them, so the loops get their addresses. They are fp32 and
C-contiguous. A tall matrix (more rows than columns) is transposed and treated as a wide one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, prange, types
from numba.extending import intrinsic

from tinylm.fast.kernels import CHUNKS, ONE, ZERO, f32, get, kernel, part, put, u64

BLOCK = 16  # columns that are transposed together, and so the cache lines in use at a time
PARTS = u64(4)  # into which a matrix's columns are split, for threads to share


@intrinsic
def _numbers_at(typing: Any, address: Any) -> Any:
    """An address (uint64) as a pointer to fp32 numbers."""
    pointer = types.CPointer(types.float32)
    return pointer(types.uint64), lambda context, builder, signature, arguments: builder.inttoptr(
        arguments[0], context.get_value_type(pointer)
    )


@kernel
def squares(addresses, sizes, sums):
    for place in prange(len(sizes) * CHUNKS):
        i, chunk = place // CHUNKS, u64(place % CHUNKS)
        size, total = u64(sizes[i]), ZERO
        numbers = carray(_numbers_at(addresses[i]), sizes[i])
        low, high = chunk * size // u64(CHUNKS), (chunk + u64(1)) * size // u64(CHUNKS)
        for j in range(low, high):
            total += numbers[j] * numbers[j]
        sums[i, chunk] = total


@kernel
def directions(addresses, num_wide, momentum, kept, out):
    count, rows, columns = momentum.shape
    kept = f32(kept)
    for i in prange(count):
        if i < num_wide:
            gradient = carray(_numbers_at(addresses[i]), (rows, columns))
        else:
            gradient = _transposed(carray(_numbers_at(addresses[i]), (columns, rows)))
        ahead = np.empty((rows, columns), f32)
        total = ZERO
        for r in range(rows):
            for c in range(columns):
                slope = gradient[r, c]
                mean = slope + (momentum[i, r, c] - slope) * kept
                step = slope + (mean - slope) * kept
                momentum[i, r, c] = mean
                ahead[r, c] = step
                total += step * step
        factor = ONE / (np.sqrt(total) * f32(1.01) + f32(1e-7))
        for r in range(rows):
            for c in range(columns):
                put(out, (i, r, c), ahead[r, c] * factor)


@part
def _transposed(matrix):
    columns, rows = matrix.shape
    out = np.empty((rows, columns), f32)
    for start in range(0, columns, BLOCK):
        stop = min(start + BLOCK, columns)
        for r in range(rows):
            for c in range(start, stop):
                out[r, c] = matrix[c, r]
    return out


@kernel
def move(wide, tall, updates, kept, rate, rate_tall):
    count, rows, columns = updates.shape
    kept, rate, rate_tall = f32(kept), f32(rate), f32(rate_tall)
    for place in prange(u64(count) * PARTS):
        i, one = u64(place) // PARTS, u64(place) % PARTS
        low, high = one * u64(columns) // PARTS, (one + u64(1)) * u64(columns) // PARTS
        if i < u64(len(wide)):
            for r in range(rows):
                for c in range(low, high):
                    wide[i, r, c] = wide[i, r, c] * kept - get(updates, (i, r, c)) * rate
        else:
            k = i - u64(len(wide))
            for c in range(low, high):
                for r in range(rows):
                    change = get(updates, (i, r, c)) * rate_tall
                    tall[k, c, r] = tall[k, c, r] * kept - change

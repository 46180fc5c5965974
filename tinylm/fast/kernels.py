"""The passes over memory between a CPU's matrix products, each as one loop, compiled by Numba.

A tensor library passes over the numbers once per operation. Here all operations that belong
together are done while a row is in the processor's cache. The docstrings in
`tinylm/fast/passes.py` say what each loop computes. Arrays are C-contiguous. Numbers are fp32, or
bf16 stored as the upper half of a float's bits (uint16); all arithmetic between reading and
writing is fp32. Threads share the rows, and the order of every sum does not depend on the number
of threads.
"""

from __future__ import annotations

import logging
import math
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features, get_host_cpu_name
from numba import config, njit, prange, set_num_threads, types
from numba.core.caching import FunctionCache
from numba.extending import intrinsic, overload

if config.DISABLE_JIT:
    raise ImportError("NUMBA_DISABLE_JIT says that nothing is to be compiled")

log = logging.getLogger("tinylm.fast")

f32 = np.float32
u32 = np.uint32
# For indices: a signed index needs an extra comparison, which prevents vector instructions.
u64 = np.uint64

# Sums may be reordered, so that vector instructions can compute them. NaN and infinity are kept:
# the flags that assume there are none ("nnan", "ninf") are left out.
FAST = {"reassoc", "contract", "arcp", "nsz"}
ONE = f32(1.0)
ZERO = f32(0.0)
NOTHING = f32(-np.inf)
# exp(x) = 2^n exp(r), where n is the integer nearest to x / ln 2 and r = x - n ln 2. Adding
# 1.5 * 2^23 rounds to an integer: n then stands in the last bits of the float. exp(r) comes from
# its Taylor series. ln 2 is split into two parts, the first with few digits, so that r is exact
# (Cody & Waite 1980). exp of a number below -LIMIT makes no difference in a sum of fp32, and the
# limits keep products of such numbers from becoming denormal, which is slow.
LIMIT = f32(70.0)
PER_LN_2 = f32(1 / math.log(2))
ROUNDER = f32(12582912.0)
LN_2 = f32(0.693359375)
LN_2_REST = f32(math.log(2) - 0.693359375)
C2, C3, C4, C5, C6 = (f32(1 / math.factorial(i)) for i in range(2, 7))
CHUNKS = 16  # parts of the rows whose sums are computed separately, for any number of threads
VECTOR = u64(32)  # numbers that are worked on together


def compiler() -> list[Any]:
    """Numba's version, and the name and features of this processor as its compiler sees them."""
    return [numba.__version__, get_host_cpu_name(), get_host_cpu_features().flatten()]


def use_threads(count: int) -> None:
    """Let the loops that this thread calls use up to `count` threads, or all that Numba has."""
    set_num_threads(min(count, config.NUMBA_NUM_THREADS))


class _Cache(FunctionCache):
    """Numba's own cache; what is damaged there is compiled anew."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:
            log.warning("a compiled loop cannot be read and is compiled anew: %s", error)
            self.flush()
            return None


def _cached(compiled: Any) -> Any:
    compiled._cache = _Cache(compiled.py_func)
    return compiled


def part(function: Any) -> Any:
    """Compile a function that is only called from other compiled functions."""
    return _cached(njit(fastmath=FAST, error_model="numpy", cache=True)(function))


def kernel(function: Any) -> Any:
    """Compile a loop that shares its `prange` among threads and releases Python's global lock."""
    compiled = njit(parallel=True, nogil=True, fastmath=FAST, error_model="numpy", cache=True)
    return _cached(compiled(function))


@intrinsic
def _float_of(typing: Any, bits: Any) -> Any:
    """A float from its bits (uint32)."""
    return types.float32(
        types.uint32
    ), lambda context, builder, signature, arguments: builder.bitcast(arguments[0], ir.FloatType())


@intrinsic
def _bits_of(typing: Any, number: Any) -> Any:
    """The bits (uint32) of a float."""
    return types.uint32(
        types.float32
    ), lambda context, builder, signature, arguments: builder.bitcast(arguments[0], ir.IntType(32))


def get(numbers, place):
    """The number at `place` (an index or a tuple of them) of an fp32 or bf16 array, as fp32."""
    raise NotImplementedError


def put(numbers, place, number):
    """Write `number` (fp32) at `place`. A bf16 array gets it rounded to nearest, ties to even."""
    raise NotImplementedError


@overload(get)
def _get(numbers, place):
    if numbers.dtype == types.uint16:
        return lambda numbers, place: _float_of(u32(numbers[place]) << u32(16))
    return lambda numbers, place: numbers[place]


@overload(put)
def _put(numbers, place, number):
    if numbers.dtype == types.uint16:

        def rounded(numbers, place, number):
            bits = _bits_of(number)
            odd = (bits >> u32(16)) & u32(1)
            numbers[place] = np.uint16((bits + u32(0x7FFF) + odd) >> u32(16))

        return rounded

    def as_it_is(numbers, place, number):
        numbers[place] = number

    return as_it_is


# Without "reassoc": reordering would cancel ROUNDER, and x would not be rounded to an integer.
@_cached
@njit(fastmath=FAST - {"reassoc"}, error_model="numpy", cache=True)
def exp(x):
    x = -LIMIT if x < -LIMIT else x
    x = LIMIT if x > LIMIT else x
    shifted = x * PER_LN_2 + ROUNDER
    n = shifted - ROUNDER
    r = x - n * LN_2 - n * LN_2_REST
    series = ONE + r * (ONE + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * C6)))))
    return series * _float_of((_bits_of(shifted) + u32(127)) << u32(23))


@part
def largest(row, start, stop):
    """The largest number of `row` from `start` up to, but not including, `stop`.

    The numbers are compared as integers that have the same order, because the compiler uses
    vector instructions for integers.
    """
    found = np.int32(-(2**31))
    for j in range(start, stop):
        x = _ordered(np.int32(_bits_of(get(row, j))))
        found = x if x > found else found
    return _float_of(u32(_ordered(found)))


@part
def _ordered(bits):
    return bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF))


@kernel
def add(rows, more, out):
    for i in prange(rows.shape[0]):
        for j in range(rows.shape[1]):
            put(out, (i, j), get(rows, (i, j)) + get(more, (i, j)))


@kernel
def norm(rows, weights, eps, inverse, out):
    count, width = rows.shape
    for i in prange(count):
        total = ZERO
        for j in range(width):
            total += get(rows, (i, j)) * get(rows, (i, j))
        factor = ONE / np.sqrt(total / f32(width) + eps)
        inverse[i] = factor
        for j in range(width):
            put(out, (i, j), get(rows, (i, j)) * factor * get(weights, j))


@kernel
def norm_back(grad, rows, weights, inverse, through, out, to_weights):
    count, width = rows.shape
    for chunk in prange(CHUNKS):
        sums = to_weights[chunk]
        sums[:] = ZERO
        for i in range(chunk * count // CHUNKS, (chunk + 1) * count // CHUNKS):
            factor, total = inverse[i], ZERO
            for j in range(width):
                unit = get(rows, (i, j)) * factor
                sums[j] += get(grad, (i, j)) * unit
                total += get(grad, (i, j)) * get(weights, j) * unit
            along = total / f32(width) * factor
            for j in range(width):
                change = get(grad, (i, j)) * get(weights, j) - get(rows, (i, j)) * along
                put(out, (i, j), get(through, (i, j)) + change * factor)


@kernel
def gate(both, hidden):
    count, size = hidden.shape
    for i in prange(count):
        for j in range(size):
            x = get(both, (i, 0, j))
            put(hidden, (i, j), x / (ONE + exp(-x)) * get(both, (i, 1, j)))


@kernel
def gate_back(both, grad, out):
    count, size = grad.shape
    for i in prange(count):
        for j in range(size):
            x, g = get(both, (i, 0, j)), get(grad, (i, j))
            share = ONE / (ONE + exp(-x))
            put(out, (i, 1, j), g * (x * share))
            slope = share * (ONE + x * (ONE - share))
            put(out, (i, 0, j), g * get(both, (i, 1, j)) * slope)


@kernel
def turn_heads(heads, norms, cos, sin, eps, inverse, turned, values):
    count, _, n_head, _, half = heads.shape
    length = len(cos)
    for n in prange(count):
        row, t = n // length, n % length
        for h in range(n_head):
            each = row * n_head + h
            for kind in range(2):
                total = ZERO
                for j in range(half):
                    total += get(heads, (n, kind, h, 0, j)) * get(heads, (n, kind, h, 0, j))
                    total += get(heads, (n, kind, h, 1, j)) * get(heads, (n, kind, h, 1, j))
                factor = ONE / np.sqrt(total / f32(2 * half) + eps)
                inverse[n, kind, h] = factor
                for j in range(half):
                    x = get(heads, (n, kind, h, 0, j)) * factor * get(norms, (kind, 0, j))
                    y = get(heads, (n, kind, h, 1, j)) * factor * get(norms, (kind, 1, j))
                    c, s = get(cos, (t, j)), get(sin, (t, j))
                    put(turned, (kind, each, t, 0, j), x * c - y * s)
                    put(turned, (kind, each, t, 1, j), y * c + x * s)
            for side in range(2):
                for j in range(half):
                    values[each, t, side, j] = heads[n, 2, h, side, j]


@kernel
def turn_heads_back(grad, to_values, heads, inverse, norms, cos, sin, to_heads, to_norms):
    _, count, length, _, half = grad.shape
    n_head = heads.shape[2]
    for each in prange(count):
        row, h = each // n_head, each % n_head
        for kind in range(2):
            first, second = to_norms[each, kind, 0], to_norms[each, kind, 1]
            first[:] = ZERO
            second[:] = ZERO
            for t in range(length):
                n = row * length + t
                factor, along = inverse[n, kind, h], ZERO
                for j in range(half):
                    a, b = get(grad, (kind, each, t, 0, j)), get(grad, (kind, each, t, 1, j))
                    c, s = get(cos, (t, j)), get(sin, (t, j))
                    x = (a * c + b * s) * get(heads, (n, kind, h, 0, j)) * factor
                    y = (b * c - a * s) * get(heads, (n, kind, h, 1, j)) * factor
                    first[j] += x
                    second[j] += y
                    along += x * get(norms, (kind, 0, j)) + y * get(norms, (kind, 1, j))
                along *= factor / f32(2 * half)
                for j in range(half):
                    a, b = get(grad, (kind, each, t, 0, j)), get(grad, (kind, each, t, 1, j))
                    c, s = get(cos, (t, j)), get(sin, (t, j))
                    x = (a * c + b * s) * get(norms, (kind, 0, j))
                    y = (b * c - a * s) * get(norms, (kind, 1, j))
                    x -= get(heads, (n, kind, h, 0, j)) * along
                    y -= get(heads, (n, kind, h, 1, j)) * along
                    put(to_heads, (n, kind, h, 0, j), x * factor)
                    put(to_heads, (n, kind, h, 1, j), y * factor)
        for t in range(length):
            for side in range(2):
                for j in range(half):
                    to_heads[row * length + t, 2, h, side, j] = to_values[each, t, side, j]


@kernel
def attend(scores, first, n_head):
    count, length, _ = scores.shape
    for each in prange(count):
        powers = np.empty(length, f32)
        for t in range(length):
            row, start, after = scores[each, t], u64(first[each // n_head, t]), u64(t + 1)
            # Whole vectors, a little more than what the position sees: faster than exactly that.
            low = start - start % VECTOR
            high = min(u64(length), after + VECTOR - after % VECTOR)
            for j in range(low, high):
                powers[j] = get(row, j)
            for j in range(low, start):
                powers[j] = NOTHING
            for j in range(after, high):
                powers[j] = NOTHING
            top = largest(powers, low, high)
            for j in range(low, high):
                powers[j] = exp(powers[j] - top)
            for j in range(low, start):
                powers[j] = ZERO
            for j in range(after, high):
                powers[j] = ZERO
            total = ZERO
            for j in range(low, high):
                total += powers[j]
            factor = ONE / total
            for j in range(low):
                put(row, j, ZERO)
            for j in range(low, high):
                put(row, j, powers[j] * factor)
            for j in range(high, u64(length)):
                put(row, j, ZERO)


@kernel
def attend_back(grad, shares):
    count, length, _ = grad.shape
    for i in prange(count * length):
        each, t = i // length, i % length
        along = ZERO
        for j in range(length):
            along += get(grad, (each, t, j)) * get(shares, (each, t, j))
        for j in range(length):
            slope = (get(grad, (each, t, j)) - along) * get(shares, (each, t, j))
            put(grad, (each, t, j), slope)


@kernel
def add_rows(rows, ids, total):
    size, width = total.shape
    for chunk in prange(CHUNKS):
        low, high = chunk * size // CHUNKS, (chunk + 1) * size // CHUNKS
        for i in range(len(ids)):
            token = ids[i]
            if low <= token < high:
                for j in range(width):
                    put(total, (token, j), get(total, (token, j)) + get(rows, (i, j)))


@kernel
def slopes(logits, answers, weights, nats):
    rows, size = logits.shape
    for chunk in prange(CHUNKS):
        powers = np.empty(size, f32)
        for i in range(chunk * rows // CHUNKS, (chunk + 1) * rows // CHUNKS):
            row, answer, weight = logits[i], answers[i], weights[i]
            if weight == ZERO:
                nats[i] = ZERO
                for j in range(size):
                    put(row, j, ZERO)
                continue
            top = largest(row, 0, size)
            for j in range(size):
                powers[j] = exp(get(row, j) - top)
            of_answer, below = powers[answer], get(row, answer) - top
            powers[answer] = ZERO
            others = ZERO
            for j in range(size):
                others += powers[j]
            total = others + of_answer
            if others < of_answer:
                nats[i] = math.log1p(others / of_answer) * weight
            else:
                nats[i] = (math.log(total) - below) * weight
            factor = weight / total
            powers[answer] = -others
            for j in range(size):
                put(row, j, powers[j] * factor)

"""The passes over memory between a CPU's matrix products, each as one loop, compiled by Numba.

A tensor library passes over its numbers once an operation; here what belongs together is done
while a row is in the cache. The functions of `tinylm/fast/passes.py` say what each computes. Arrays
are C-contiguous; numbers are fp32, or bf16 as the upper half of a float's bits (uint16), and all
arithmetic between reading and writing is fp32. Rows are shared among threads; every sum has the
same order for any number of threads.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features, get_host_cpu_name
from numba import config, njit, prange, set_num_threads, types
from numba.extending import intrinsic, overload

f32 = np.float32
u32 = np.uint32
u64 = np.uint64  # of places: one that may be negative costs a comparison, and vectors

# Sums may be reordered, which lets them be vectors; a number that is none stays none.
FAST = {"reassoc", "contract", "arcp", "nsz"}
ONE = f32(1.0)
ZERO = f32(0.0)
NOTHING = f32(-np.inf)
# exp(x) = 2^n exp(r): n is the integer nearest to x / ln 2, found by adding 1.5 * 2^23, whose last
# bits it then is; exp(r) by its Taylor series; ln 2 in two parts, the first of few digits, so that
# r is exact (Cody & Waite 1980). What is beyond the limits makes no difference to a sum of fp32,
# and they keep products of such numbers from being denormal, which is slow.
LIMIT = f32(70.0)
PER_LN_2 = f32(1 / math.log(2))
ROUNDER = f32(12582912.0)
LN_2 = f32(0.693359375)
LN_2_REST = f32(math.log(2) - 0.693359375)
C2, C3, C4, C5, C6 = (f32(1 / math.factorial(i)) for i in range(2, 7))
CHUNKS = 16  # of rows, for sums over rows
VECTOR = u64(32)  # numbers


def compiler() -> list[Any]:
    """The compiler, and what this processor is and can in its eyes."""
    return [numba.__version__, get_host_cpu_name(), get_host_cpu_features().flatten()]


def use_threads(count: int) -> None:
    """Let loops of this thread use so many threads, or all there are where they are fewer."""
    set_num_threads(min(count, config.NUMBA_NUM_THREADS))


def part(function: Any) -> Any:
    """A function that is compiled into those that call it."""
    return njit(fastmath=FAST, error_model="numpy", cache=True)(function)


def kernel(function: Any) -> Any:
    """A loop whose `prange` is shared among threads, without Python's lock."""
    return njit(parallel=True, nogil=True, fastmath=FAST, error_model="numpy", cache=True)(function)


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
    """The number at `place`, an index or some, of an array of fp32 or bf16, as fp32."""
    raise NotImplementedError


def put(numbers, place, number):
    """Write `number` (fp32), rounded to the nearest (ties to even) where the array is of bf16."""
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


@njit(fastmath=FAST - {"reassoc"}, error_model="numpy", cache=True)  # reordered, nothing rounds
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
    """The largest number from `start` to before `stop`.

    Compared as whole numbers of the same order, for which the compiler makes vectors.
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
            # A little more than what is seen, in whole vectors: quicker than just that.
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

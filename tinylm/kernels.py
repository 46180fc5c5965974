"""The passes over memory between a CPU's matrix products, each as one loop, compiled by Numba.

A tensor library passes over its numbers once an operation; here what belongs together is done
while a row is in the cache. The functions of `tinylm/passes.py` say what each computes. Arrays
are C-contiguous; numbers are fp32, or bf16 as the upper half of a float's bits (uint16), and all
arithmetic between reading and writing is fp32. Rows are shared among threads; every sum has the
same order for any number of threads.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic, overload

f32 = np.float32
u32 = np.uint32

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


def _part(function: Any) -> Any:
    return njit(fastmath=FAST, error_model="numpy", cache=True)(function)


def _kernel(function: Any) -> Any:
    return njit(parallel=True, nogil=True, fastmath=FAST, error_model="numpy", cache=True)(function)


@intrinsic
def _float_of(typing: Any, bits: Any) -> Any:
    """A float from its bits (uint32)."""
    return types.float32(types.uint32), lambda context, builder, signature, arguments: (
        builder.bitcast(arguments[0], ir.FloatType())
    )


@intrinsic
def _bits_of(typing: Any, number: Any) -> Any:
    """The bits (uint32) of a float."""
    return types.uint32(types.float32), lambda context, builder, signature, arguments: (
        builder.bitcast(arguments[0], ir.IntType(32))
    )


def get(row, j):
    """The number at `j` of an array of fp32 or bf16, as fp32."""
    raise NotImplementedError


def put(row, j, number):
    """Write `number` (fp32) at `j`, rounded to the nearest bf16 (ties to even) where that is kept."""
    raise NotImplementedError


@overload(get)
def _get(row, j):
    if row.dtype == types.uint16:
        return lambda row, j: _float_of(u32(row[j]) << u32(16))
    return lambda row, j: row[j]


@overload(put)
def _put(row, j, number):
    if row.dtype == types.uint16:

        def rounded(row, j, number):
            bits = _bits_of(number)
            row[j] = np.uint16(
                (bits + u32(0x7FFF) + ((bits >> u32(16)) & u32(1))) >> u32(16)
            )

        return rounded

    def as_it_is(row, j, number):
        row[j] = number

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


@_part
def largest(row, start, stop):
    """The largest number from `start` to before `stop`.

    Compared as whole numbers of the same order, for which the compiler makes vectors.
    """
    found = np.int32(-(2**31))
    for j in range(start, stop):
        x = _ordered(np.int32(_bits_of(get(row, j))))
        found = x if x > found else found
    return _float_of(u32(_ordered(found)))


@_part
def _ordered(bits):
    return bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF))


@_part
def _fill_outside(row, start, stop, number):
    for j in range(start):
        row[j] = number
    for j in range(stop, len(row)):
        row[j] = number


@_kernel
def scale_columns(matrix, weights, out):
    for i in prange(matrix.shape[0]):
        row, to = matrix[i], out[i]
        for j in range(len(row)):
            put(to, j, get(row, j) * get(weights, j))


@_kernel
def scale_columns_back(grad, matrix, weights, to_matrix, to_weights):
    rows, columns = grad.shape
    for chunk in prange(CHUNKS):
        total = to_weights[chunk]
        total[:] = ZERO
        for i in range(chunk * rows // CHUNKS, (chunk + 1) * rows // CHUNKS):
            row, by, to = grad[i], matrix[i], to_matrix[i]
            for j in range(columns):
                g = get(row, j)
                total[j] += g * get(by, j)
                put(to, j, g * get(weights, j))


@_kernel
def add(rows, more, out):
    for i in prange(rows.shape[0]):
        row, by, to = rows[i], more[i], out[i]
        for j in range(len(row)):
            put(to, j, get(row, j) + get(by, j))


@_kernel
def unit(rows, eps, inverse, out):
    width = f32(rows.shape[1])
    for i in prange(rows.shape[0]):
        row, to = rows[i], out[i]
        total = ZERO
        for j in range(len(row)):
            total += get(row, j) * get(row, j)
        factor = ONE / np.sqrt(total / width + eps)
        inverse[i] = factor
        for j in range(len(row)):
            put(to, j, get(row, j) * factor)


@_kernel
def unit_back(grad, inverse, unit, through, out):
    width = f32(grad.shape[1])
    for i in prange(grad.shape[0]):
        row, direction, past, to = grad[i], unit[i], through[i], out[i]
        total = ZERO
        for j in range(len(row)):
            total += get(row, j) * get(direction, j)
        along, factor = total / width, inverse[i]
        for j in range(len(row)):
            change = (get(row, j) - get(direction, j) * along) * factor
            put(to, j, get(past, j) + change)


@_kernel
def gate(both, hidden):
    size = hidden.shape[1]
    for i in prange(hidden.shape[0]):
        gated, raised, to = both[i, :size], both[i, size:], hidden[i]
        for j in range(size):
            x = get(gated, j)
            put(to, j, x / (ONE + exp(-x)) * get(raised, j))


@_kernel
def gate_back(both, grad, out):
    size = grad.shape[1]
    for i in prange(grad.shape[0]):
        gated, raised, row = both[i, :size], both[i, size:], grad[i]
        to_gated, to_raised = out[i, :size], out[i, size:]
        for j in range(size):
            x, g = get(gated, j), get(row, j)
            share = ONE / (ONE + exp(-x))
            put(to_raised, j, g * (x * share))
            put(to_gated, j, g * get(raised, j) * share * (ONE + x * (ONE - share)))


@_kernel
def turn_heads(heads, norms, cos, sin, eps, inverse, turned, values):
    n_head, size = heads.shape[2:]
    length, half = len(cos), size // 2
    for n in prange(heads.shape[0]):
        row, t = n // length, n % length
        c, s = cos[t], sin[t]
        for h in range(n_head):
            for kind in range(2):
                x, w, to = heads[n, kind, h], norms[kind], turned[kind, row * n_head + h, t]
                total = ZERO
                for j in range(size):
                    total += get(x, j) * get(x, j)
                factor = ONE / np.sqrt(total / f32(size) + eps)
                inverse[n, kind, h] = factor
                for j in range(half):
                    first = get(x, j) * factor * get(w, j)
                    second = get(x, j + half) * factor * get(w, j + half)
                    put(to, j, first * get(c, j) - second * get(s, j))
                    put(to, j + half, second * get(c, j) + first * get(s, j))
            values[row * n_head + h, t] = heads[n, 2, h]


@_kernel
def turn_heads_back(grad, to_values, heads, inverse, norms, cos, sin, to_heads, to_norms):
    n_head, size = heads.shape[2:]
    length, half = len(cos), size // 2
    for each in prange(grad.shape[1]):
        row, h = each // n_head, each % n_head
        for kind in range(2):
            w, total = norms[kind], to_norms[each, kind]
            total[:] = ZERO
            for t in range(length):
                n = row * length + t
                g, x, to = grad[kind, each, t], heads[n, kind, h], to_heads[n, kind, h]
                c, s, factor = cos[t], sin[t], inverse[n, kind, h]
                along = ZERO
                for j in range(half):
                    first = get(g, j) * get(c, j) + get(g, j + half) * get(s, j)
                    second = get(g, j + half) * get(c, j) - get(g, j) * get(s, j)
                    unit_first, unit_second = get(x, j) * factor, get(x, j + half) * factor
                    total[j] += first * unit_first
                    total[j + half] += second * unit_second
                    along += first * get(w, j) * unit_first + second * get(w, j + half) * unit_second
                along /= f32(size)
                for j in range(half):
                    first = get(g, j) * get(c, j) + get(g, j + half) * get(s, j)
                    second = get(g, j + half) * get(c, j) - get(g, j) * get(s, j)
                    unit_first, unit_second = get(x, j) * factor, get(x, j + half) * factor
                    put(to, j, (first * get(w, j) - unit_first * along) * factor)
                    put(to, j + half, (second * get(w, j + half) - unit_second * along) * factor)
        for t in range(length):
            to_heads[row * length + t, 2, h] = to_values[each, t]


@_kernel
def attend(scores, first, n_head):
    length = scores.shape[1]
    for each in prange(scores.shape[0]):
        powers = np.empty(length, f32)
        for t in range(length):
            row, start = scores[each, t], first[each // n_head, t]
            # The whole row, though some of it is not seen: whole vectors are quicker than few.
            for j in range(length):
                powers[j] = get(row, j)
            _fill_outside(powers, start, t + 1, NOTHING)
            top = largest(powers, 0, length)
            for j in range(length):
                powers[j] = exp(powers[j] - top)
            _fill_outside(powers, start, t + 1, ZERO)
            total = ZERO
            for j in range(length):
                total += powers[j]
            factor = ONE / total
            for j in range(length):
                put(row, j, powers[j] * factor)


@_kernel
def attend_back(grad, shares):
    length = grad.shape[1]
    for i in prange(grad.shape[0] * length):
        row, share = grad[i // length, i % length], shares[i // length, i % length]
        along = ZERO
        for j in range(length):
            along += get(row, j) * get(share, j)
        for j in range(length):
            put(row, j, (get(row, j) - along) * get(share, j))


@_kernel
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

"""One token's way through one block, and through the output matrix, compiled by Numba.

A product of a matrix and one vector reads each number only once, so sharing it among threads
would gain nothing. Arrays are fp32 and C-contiguous.
"""

from __future__ import annotations

import numpy as np

from tinylm.fast.kernels import NOTHING, ONE, ZERO, exp, f32, part


@part
def read_token(x, place, eps, qkv, out, gate_up, down, cos, sin, keys, values):
    n_head, _, size = keys.shape
    width, half = len(x), size // 2
    heads = np.empty(3 * width, f32)
    query, mixed = np.empty(size, f32), np.zeros(width, f32)
    shares = np.empty(place + 1, f32)
    _product(qkv, _unit(x, eps), heads)
    for h in range(n_head):
        for kind in range(2):
            start = kind * width + h * size
            own = heads[start : start + size]
            to = query if kind == 0 else keys[h, place]
            total = ZERO
            for j in range(size):
                total += own[j] * own[j]
            factor = ONE / np.sqrt(total + f32(size) * eps)
            c, s = cos[place, kind], sin[place, kind]
            for j in range(half):
                first, second = own[j] * factor, own[half + j] * factor
                to[j] = first * c[j] + second * s[j]
                to[half + j] = second * c[half + j] + first * s[half + j]
        start = 2 * width + h * size
        for j in range(size):
            values[h, place, j] = heads[start + j]
        top = NOTHING
        for t in range(place + 1):
            shares[t] = _dot(keys[h, t], query)
            top = max(top, shares[t])
        total = ZERO
        for t in range(place + 1):
            shares[t] = exp(shares[t] - top)
            total += shares[t]
        own = mixed[h * size : (h + 1) * size]
        for t in range(place + 1):
            share = shares[t] / total
            for j in range(size):
                own[j] += share * values[h, t, j]
    for i in range(width):
        x[i] += _dot(out[i], mixed)
    count = down.shape[1]
    hidden = np.empty(2 * count, f32)
    _product(gate_up, _unit(x, eps), hidden)
    gated, raised = hidden[:count], hidden[count:]
    for j in range(count):
        raised[j] *= gated[j] / (ONE + exp(-gated[j]))
    for i in range(width):
        x[i] += _dot(down[i], raised)


@part
def read_logits(x, eps, head, logits):
    _product(head, _unit(x, eps), logits)


@part
def _unit(x, eps):
    """RMSNorm of x without its weight."""
    factor = ONE / np.sqrt(_dot(x, x) / f32(len(x)) + eps)
    out = np.empty(len(x), f32)
    for j in range(len(x)):
        out[j] = x[j] * factor
    return out


@part
def _product(matrix, x, out):
    for i in range(len(out)):
        out[i] = _dot(matrix[i], x)


@part
def _dot(a, b):
    total = ZERO
    for j in range(len(b)):
        total += a[j] * b[j]
    return total

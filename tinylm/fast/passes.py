"""The passes over memory between matrix products, which `fused.py` and the optimizer use.

Each pass runs one compiled loop of `kernels.py` or, for the optimizer, of `update_kernels.py`. The
tensors are on the CPU, in fp32 or bf16. The optimizer's passes take any tensors; where no loop
fits, they call torch's version in `tinylm/training/optimizer.py`.

Shapes: B rows, T positions, N = B T, C width, H width of the MLP, nh heads, hs head size,
V vocabulary.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tinylm.fast import kernels, update_kernels
from tinylm.model.gpt import NORM_EPS
from tinylm.training import optimizer

KINDS = (torch.float32, torch.bfloat16)


def added(rows: Tensor, hidden: Tensor, matrix: Tensor) -> Tensor:
    """rows (N, C) + hidden (N, H) matrix^T (H, C), in the precision of `rows`."""
    if hidden.dtype == rows.dtype:
        return torch.addmm(rows, hidden, matrix.T)
    return _sum(rows, hidden @ matrix.T, torch.empty_like(rows))


def product_added(total: Tensor | None, a: Tensor, b: Tensor, kind: torch.dtype) -> Tensor:
    """total (R, C) + a (R, N) b (N, C), in the precision `kind`. A given total changes in place."""
    if total is None:
        return (a @ b).to(kind)
    if a.dtype == kind:
        return total.addmm_(a, b)  # the product adds by itself, without another pass
    return _sum(total, a @ b, total)


def normed(rows: Tensor, weights: Tensor, kind: torch.dtype) -> tuple[Tensor, Tensor]:
    """RMSNorm of `rows` (N, C): 1 / rms (N,), then rows / rms * weights (N, C) in precision `kind`.

    rms is each row's root mean square. `weights` is (C,).
    """
    inverse, out = torch.empty(len(rows)), torch.empty_like(rows, dtype=kind)
    _run(kernels.norm, rows, weights, NORM_EPS, inverse, out)
    return inverse, out


def normed_back(
    grad: Tensor, rows: Tensor, weights: Tensor, inverse: Tensor, through: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients of `rows` and `weights`, where `grad` (N, C) is that of the result of `normed`.

    The gradient of `rows` includes the one that came `through` (N, C) the residual connection.
    """
    out, sums = torch.empty_like(through), torch.empty(kernels.CHUNKS, len(weights))
    _run(kernels.norm_back, grad, rows, weights, inverse, through, out, sums)
    return out, sums.sum(0).to(weights.dtype)


def gated(both: Tensor) -> Tensor:
    """silu(g) * u (N, H), where g and u lie side by side in `both` (N, 2, H)."""
    out = both.new_empty(len(both), both.shape[2])
    _run(kernels.gate, both, out)
    return out


def gated_back(grad: Tensor, both: Tensor) -> Tensor:
    """The gradient of `both` from that of `gated(both)`."""
    out = torch.empty_like(both)
    _run(kernels.gate_back, both, grad, out)
    return out


def turned(heads: Tensor, norms: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values as attention reads them, from `heads` (N, 3, nh, hs).

    Queries and keys are divided by their root mean square (rms), multiplied by `norms` (2, hs)
    and turned by the angle of their position, whose cosines and sines are `cos` and `sin`
    (T, hs/2). Returns queries and keys (2, B nh, T, hs), the values (B nh, T, hs), and 1 / rms
    (N, 2, nh), which the gradient needs.
    """
    N, _, n_head, size = heads.shape
    B = N // len(cos)
    inverse = torch.empty(N, 2, n_head)
    pairs = heads.new_empty(2, B * n_head, len(cos), size)
    values = torch.empty_like(pairs[0])
    x, weights, to_pairs, to_values = map(_halves, (heads, norms, pairs, values))
    _run(kernels.turn_heads, x, weights, cos, sin, NORM_EPS, inverse, to_pairs, to_values)
    return pairs, values, inverse


def turned_back(
    grad: Tensor,
    grad_values: Tensor,
    heads: Tensor,
    inverse: Tensor,
    norms: Tensor,
    cos: Tensor,
    sin: Tensor,
) -> tuple[Tensor, Tensor]:
    """Gradients of `heads` and `norms`, from the gradients of the first two results of `turned`."""
    out = torch.empty_like(heads)
    to_norms = torch.empty(len(grad_values), 2, heads.shape[3])
    split = map(_halves, (grad, grad_values, heads, norms, out, to_norms))
    to_pairs, to_values, x, weights, to_heads, sums = split
    inputs = (to_pairs, to_values, x, inverse, weights, cos, sin, to_heads, sums)
    _run(kernels.turn_heads_back, *inputs)
    return out, to_norms.sum(0).to(norms.dtype)


def attended(scores: Tensor, first: Tensor) -> Tensor:
    """Attention weights: the softmax of `scores` (B nh, T, T), which is written in their place.

    Position t of row b sees the positions from `first[b, t]` (B, T) to itself.
    """
    _run(kernels.attend, scores, first, len(scores) // len(first))
    return scores


def attended_back(grad: Tensor, shares: Tensor) -> Tensor:
    """The gradient of the scores, written in the place of `grad`.

    `grad` (B nh, T, T) is the gradient of `shares`, the softmax of the scores.
    """
    _run(kernels.attend_back, grad, shares)
    return grad


def add_rows(total: Tensor, ids: Tensor, rows: Tensor) -> None:
    """Add each of `rows` (N, C) to the row of `total` (V, C) that `ids` (N,) names, in place."""
    _run(kernels.add_rows, rows, ids, total)
    torch.autograd.graph.increment_version(total)  # autograd then knows that it changed


def slopes(logits: Tensor, answers: Tensor, weights: Tensor) -> Tensor:
    """Replace `logits` (N, V) by the gradient of the loss; returns the loss's terms (N,).

    A row's term is the loss of its answer (N,) in nats under softmax, times its weight (N,), and
    the loss is their sum. The gradient is weight * odds, and at the answer weight * (odds - 1).
    The latter is computed as minus the sum of the other odds, because bf16 cannot tell 0.999
    from 1. Raises IndexError for an answer that is not in the vocabulary.
    """
    if len(answers) and int(answers.max()) >= logits.shape[1]:
        raise IndexError(f"a target is no token: there are {logits.shape[1]}")
    nats = torch.empty_like(weights)
    _run(kernels.slopes, logits, answers, weights, nats)
    return nats


def joint_norm(gradients: Sequence[Tensor]) -> float:
    """As `optimizer.joint_norm`."""
    if not _lie_as_rows(gradients):
        return optimizer.joint_norm(gradients)
    sizes = torch.tensor([gradient.numel() for gradient in gradients], dtype=torch.int64)
    sums = torch.empty(len(gradients), kernels.CHUNKS)
    _run(update_kernels.squares, _addresses(gradients), sizes, sums)
    return float(sums.sum(dtype=torch.float64).sqrt())


def directions(
    gradients: Sequence[Tensor], num_wide: int, momentum: Tensor, kept: float, kind: torch.dtype
) -> Tensor:
    """As `optimizer.directions`."""
    if not (is_compiled(momentum, kind=kind) and _lie_as_rows(gradients)):
        return optimizer.directions(gradients, num_wide, momentum, kept, kind)
    out = torch.empty_like(momentum, dtype=kind)
    _run(update_kernels.directions, _addresses(gradients), num_wide, momentum, kept, out)
    return out


def move(
    wide: Tensor, tall: Tensor, updates: Tensor, kept: float, rate: float, rate_tall: float
) -> None:
    """As `optimizer.move`."""
    if is_compiled(wide, tall, updates) and wide.dtype == tall.dtype == torch.float32:
        _run(update_kernels.move, wide, tall, updates, kept, rate, rate_tall)
    else:
        optimizer.move(wide, tall, updates, kept, rate, rate_tall)


def _sum(rows: Tensor, product: Tensor, out: Tensor) -> Tensor:
    """Write rows + product into `out`, in its precision, and return it."""
    _run(kernels.add, rows, product, out)
    return out


def is_compiled(*tensors: Tensor, kind: torch.dtype = torch.float32) -> bool:
    """Whether there are loops for such tensors, and for matrix products of precision `kind`."""
    return kind in KINDS and all(each.is_cpu and each.dtype in KINDS for each in tensors)


def _lie_as_rows(tensors: Sequence[Tensor]) -> bool:
    """Whether loops can find these tensors by their addresses: contiguous, fp32, on the CPU."""
    return all(
        each.is_cpu and each.is_contiguous() and each.dtype == torch.float32 for each in tensors
    )


def _addresses(tensors: Sequence[Tensor]) -> Tensor:
    return torch.tensor([tensor.data_ptr() for tensor in tensors], dtype=torch.uint64)


class _Threads(threading.local):
    """How many threads Numba was told to use. Telling it again takes longer than asking torch."""

    count = 0


_THREADS = _Threads()
_ONE_AT_A_TIME = threading.Lock()  # one of Numba's threading layers needs it


def _run(kernel: Any, *inputs: Tensor | float | int) -> None:
    if (threads := torch.get_num_threads()) != _THREADS.count:
        kernels.use_threads(threads)
        _THREADS.count = threads
    arrays = [_array(each) if isinstance(each, Tensor) else each for each in inputs]
    with _ONE_AT_A_TIME:
        kernel(*arrays)


def _array(tensor: Tensor) -> Any:
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.uint16)
    return tensor.numpy(force=True)


def _halves(x: Tensor) -> Tensor:
    """View x (..., hs) as (..., 2, hs / 2)."""
    return x.view(*x.shape[:-1], 2, x.shape[-1] // 2)

"""The model's large steps - attention, MLP, loss - each with its gradient written by hand.

Outside the matrix products, the time is limited by how often a step passes over memory. Autograd
stores every intermediate result and reads it again. Here each function keeps only what its
gradient needs, and all work between two products is one pass (`tinylm/fast/passes.py`). The
functions run on the CPU in the precision of their input, fp32 or bf16. Tests compare their
gradients with autograd's own. docs/decisions/speed.md says how much time this saves.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from tinylm.fast import passes

LOSS_BYTES = 16 << 20  # most bytes of logits that exist at a time
WHOLE_ROWS = 128  # products in tiles are fastest when the rows are a multiple of this


def attention_block(
    x: Tensor,
    norm: Tensor,
    matrices: tuple[Tensor, Tensor, Tensor, Tensor],
    head_norms: tuple[Tensor, Tensor],
    cos: Tensor,
    sin: Tensor,
    first: Tensor,
) -> Tensor:
    """x + W_o softmax(q k^T / sqrt(hs)) v, of shape (B, T, C).

    `matrices` are W_q, W_k, W_v, W_o, each (C, C). q, k and v are W_q n, W_k n and W_v n, split
    into heads, where n is the RMSNorm of x with the weight `norm`. The heads of q and k are then
    normalised with the weights `head_norms` (hs,) and turned by the angles whose cosines and
    sines are `cos` and `sin` (T, hs/2). Position t of row b sees the positions from `first[b, t]`
    (B, T) to itself.
    """
    return _apply(_AttentionBlock, x, norm, *matrices, *head_norms, cos, sin, first)


def embedded(ids: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """The rows `ids` (B, T) of `weight` (V, C), of shape (B, T, C), and `weight` itself.

    Use the second as the output matrix. Its gradient then gets the gradient of the rows added
    in place, without a pass over the whole matrix.
    """
    found: tuple[Tensor, Tensor] = _Embedding.apply(ids, weight)  # type: ignore[no-untyped-call]
    return found


def normalised(x: Tensor, weight: Tensor) -> Tensor:
    """RMSNorm of x (B, T, C) with `weight` (C,), in the precision of matrix products."""
    return _apply(_Norm, x, weight)


def mlp_block(x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """x + down (silu(gate n) * up n), of shape (B, T, C).

    n is the RMSNorm of x with the weight `norm`. `gate` and `up` are (H, C), `down` is (C, H).
    """
    return _apply(_MLPBlock, x, norm, gate, up, down)


def linear_cross_entropy(x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Mean loss in nats of `targets` (N,) under softmax(x weight^T); x (N, C), weight (V, C).

    Targets below 0 do not count. The gradient is computed together with the loss, some rows at
    a time, so that the logits (N, V) are never all in memory at once.
    """
    return _apply(_LinearCrossEntropy, x, weight, targets)


def _apply(function: type[Function], *inputs: object) -> Tensor:
    result: Tensor = function.apply(*inputs)  # type: ignore[no-untyped-call]
    return result


class _AttentionBlock(Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> Tensor:
        x, norm, wq, wk, wv, wo, q_norm, k_norm, cos, sin, first = inputs
        B, _, C = x.shape
        kind, n_head = product_kind(x), C // len(q_norm)
        rows, out = x.reshape(-1, C), wo.to(kind)
        inverse, normed = passes.normed(rows, norm, kind)
        matrix = torch.cat((wq, wk, wv)).to(kind)  # (3 C, C)
        heads = (normed @ matrix.T).view(len(rows), 3, n_head, -1)
        norms = torch.stack((q_norm * len(q_norm) ** -0.5, k_norm))  # the scale costs no pass
        (q, k), v, head_inverse = passes.turned(heads, norms, cos, sin)  # (B nh, T, hs)
        shares = passes.attended(q @ k.mT, first)
        mixed = (shares @ v).view(B, n_head, *v.shape[1:]).transpose(1, 2).reshape(-1, C)
        ctx.save_for_backward(
            *(rows, norm, matrix, out, inverse, normed, heads, head_inverse, norms),
            *(cos, sin, q, k, v, shares, mixed),
        )
        return passes.added(rows, mixed, out).view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        rows, norm, matrix, out, inverse, normed, heads, *rest = ctx.saved_tensors
        head_inverse, norms, cos, sin, q, k, v, shares, mixed = rest
        B, T, C = grad.shape
        through = grad.reshape(-1, C)
        slope = through.to(out.dtype)
        grad_out = (slope.T @ mixed).to(norm.dtype)
        grad_mixed = (slope @ out).view(B, T, heads.shape[2], -1).transpose(1, 2).reshape(v.shape)
        grad_scores = passes.attended_back(grad_mixed @ v.mT, shares)
        grad_turned = q.new_empty(2, *q.shape)
        torch.bmm(grad_scores, k, out=grad_turned[0])
        torch.bmm(grad_scores.mT, q, out=grad_turned[1])
        grad_heads, (grad_q, grad_k) = passes.turned_back(
            *(grad_turned, shares.mT @ grad_mixed, heads, head_inverse, norms, cos, sin)
        )
        grad_rows = grad_heads.view(-1, 3 * C)
        grad_matrix = (grad_rows.T @ normed).to(norm.dtype)
        grad_x, grad_norm = passes.normed_back(grad_rows @ matrix, rows, norm, inverse, through)
        grad_norms = (grad_q * q.shape[-1] ** -0.5, grad_k)
        grads = (grad_x.view(grad.shape), grad_norm, *grad_matrix.chunk(3), grad_out, *grad_norms)
        return *grads, None, None, None


class _MLPBlock(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, down: Tensor
    ) -> Tensor:
        kind = product_kind(x)
        rows, out = x.reshape(-1, x.shape[-1]), down.to(kind)
        inverse, normed = passes.normed(rows, norm, kind)
        matrix = torch.cat((gate, up)).to(kind)  # (2 H, C)
        both = (normed @ matrix.T).view(len(rows), 2, -1)
        hidden = passes.gated(both)  # (N, H)
        ctx.save_for_backward(rows, norm, matrix, out, inverse, normed, both, hidden)
        return passes.added(rows, hidden, out).view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        rows, norm, matrix, out, inverse, normed, both, hidden = ctx.saved_tensors
        through = grad.reshape(-1, len(norm))
        slope = through.to(out.dtype)
        grad_down = (slope.T @ hidden).to(norm.dtype)
        grad_both = passes.gated_back(slope @ out, both).flatten(1)
        grad_matrix = (grad_both.T @ normed).to(norm.dtype)
        grad_x, grad_norm = passes.normed_back(grad_both @ matrix, rows, norm, inverse, through)
        return grad_x.view(grad.shape), grad_norm, *grad_matrix.chunk(2), grad_down


class _Embedding(Function):
    @staticmethod
    def forward(ctx: Any, ids: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(ids)
        ctx.set_materialize_grads(False)
        ctx.shape = weight.shape
        return F.embedding(ids, weight), weight.view_as(weight)

    @staticmethod
    def backward(ctx: Any, grad: Tensor, total: Tensor | None) -> tuple[None, Tensor]:
        (ids,) = ctx.saved_tensors
        if total is None:
            total = grad.new_zeros(ctx.shape)
        passes.add_rows(total, ids.flatten(), grad.reshape(-1, grad.shape[-1]))
        return None, total


class _Norm(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        rows = x.reshape(-1, len(weight))
        inverse, normed = passes.normed(rows, weight, product_kind(x))
        ctx.save_for_backward(rows, weight, inverse)
        return normed.view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        rows, weight, inverse = ctx.saved_tensors
        slopes = grad.reshape(rows.shape)
        through = torch.zeros_like(rows)
        grad_x, grad_weight = passes.normed_back(slopes, rows, weight, inverse, through)
        return grad_x.view(grad.shape), grad_weight


class _LinearCrossEntropy(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        kind = product_kind(x)
        counted = targets >= 0
        exact = torch.promote_types(weight.dtype, torch.float32)
        weights = (counted / counted.sum()).to(exact)  # each row's share in the mean
        rows, matrix, answers = x.to(kind), weight.to(kind), targets.clamp(min=0)
        step = max(1, LOSS_BYTES // (len(weight) * rows.element_size()))
        step -= step % WHOLE_ROWS if step > WHOLE_ROWS else 0
        grad_x, grad_weight, nats = torch.empty_like(rows), None, []
        for start in range(0, len(x), step):
            part = slice(start, start + step)
            odds = rows[part] @ matrix.T
            nats.append(passes.slopes(odds, answers[part], weights[part]))
            torch.mm(odds, matrix, out=grad_x[part])
            grad_weight = passes.product_added(grad_weight, odds.T, rows[part], weight.dtype)
        ctx.save_for_backward(grad_x, grad_weight)
        return torch.cat(nats).sum().to(weight.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        grad_x, grad_weight = ctx.saved_tensors
        if grad != 1:
            grad_x, grad_weight = grad_x * grad, grad_weight * grad
        return grad_x, grad_weight, None


def product_kind(x: Tensor) -> torch.dtype:
    """The precision of matrix products with x on the CPU: autocast's if it is on, else x's own."""
    return torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else x.dtype

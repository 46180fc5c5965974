"""The model's steps between its matrix products, each with its gradient written by hand.

On a CPU these steps are limited by how often they pass over memory. Autograd remembers and
revisits every intermediate result; here each function keeps what its gradient needs and no
more, and computes both in as few passes as torch has operations for. They compute exactly what
their docstrings say, in the precision of their input; tests hold them to autograd's own
gradients. What this saves: docs/decisions.md.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

NORM_EPS = 1e-6
LOSS_ROWS = 256  # so many rows of logits at a time: 2 MB at 2,048 tokens, which a cache holds


def rms_norm(x: Tensor, weight: Tensor) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * weight over the last dimension; weight (C,)."""
    if not torch.is_grad_enabled():
        return F.rms_norm(x, weight.shape, weight, NORM_EPS)
    return _apply(_RMSNorm, x.flatten(0, -2), weight).view(x.shape)


def swiglu(gate: Tensor, up: Tensor) -> Tensor:
    """silu(gate) * up, all of one shape."""
    if not torch.is_grad_enabled():
        return F.silu(gate).mul_(up)
    return _apply(_SwiGLU, gate, up)


def causal_attention(
    q: Tensor, k: Tensor, v: Tensor, q_weight: Tensor, k_weight: Tensor, cos: Tensor, sin: Tensor
) -> Tensor:
    """softmax(q' k'^T / sqrt(hs)) v in each head, over positions not later than one's own.

    q' and k' are the heads of q and k as `positioned` makes them, with their weights (hs,).
    q, k, v and the result: (B, T, C).
    """
    cos, sin = cos.to(q.dtype), sin.to(q.dtype)
    return _apply(_CausalAttention, q, k, v, q_weight.to(q.dtype), k_weight.to(q.dtype), cos, sin)


def positioned(x: Tensor, weight: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Heads (B, nh, T, hs), each normalised as by `rms_norm` and turned by its position's angle.

    Each pair (x[i], x[i + hs/2]) turns by the angle of which `cos` and `sin`, (T, hs/2) or
    (B, 1, T, hs/2), are given.
    """
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    normed = F.rms_norm(x, weight.shape, weight.to(x.dtype), NORM_EPS)
    first, second = normed.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def split_heads(x: Tensor, n_head: int) -> Tensor:
    """(B, T, C) as (B, nh, T, hs), a view."""
    B, T, C = x.shape
    return x.view(B, T, n_head, C // n_head).transpose(1, 2)


def linear_cross_entropy(x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Mean nats of `targets` (N,) under softmax(x weight^T); x (N, C), weight (V, C).

    Targets below 0 do not count. The gradient is computed along with the loss, a few rows at a
    time, so that the logits (N, V) are never in memory together.
    """
    return _apply(_LinearCrossEntropy, x, weight, targets)


def _apply(function: type[Function], *inputs: object) -> Tensor:
    result: Tensor = function.apply(*inputs)  # type: ignore[no-untyped-call]
    return result


class _RMSNorm(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        inverse = _inverse_norm(x)
        unit = x * inverse
        ctx.save_for_backward(unit, inverse, weight)
        return unit * weight

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        unit, inverse, weight = ctx.saved_tensors
        product = grad * unit
        along = torch.mv(product, weight)[:, None].div_(-unit.shape[-1])
        return torch.addcmul(grad * weight, unit, along).mul_(inverse), product.sum(0)


def _inverse_norm(x: Tensor) -> Tensor:
    """1 / sqrt(mean(x^2) + eps): (..., 1)."""
    norm: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return norm.square_().div_(x.shape[-1]).add_(NORM_EPS).rsqrt_()


def _before_norm(grad: Tensor, unit: Tensor, inverse: Tensor) -> Tensor:
    """The gradient of x from that of unit = x * inverse."""
    along = (grad * unit).sum(-1, keepdim=True).div_(-unit.shape[-1])
    return torch.addcmul(grad, unit, along).mul_(inverse)


class _SwiGLU(Function):
    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor) -> Tensor:
        open_gate = F.silu(gate)
        ctx.save_for_backward(gate, up, open_gate)
        return open_gate * up

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        gate, up, open_gate = ctx.saved_tensors
        through = grad * up
        torch.ops.aten.silu_backward.grad_input(through, gate, grad_input=through)
        return through, grad * open_gate


class _CausalAttention(Function):
    @staticmethod
    def forward(
        ctx: Any,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        q_weight: Tensor,
        k_weight: Tensor,
        cos: Tensor,
        sin: Tensor,
    ) -> Tensor:
        T, n_head = q.shape[1], q.shape[2] // len(q_weight)
        q_inverse, q_unit, q = _positions(split_heads(q, n_head), q_weight, cos, sin)
        k_inverse, k_unit, k = _positions(split_heads(k, n_head), k_weight, cos, sin)
        v = split_heads(v, n_head).flatten(0, 1)  # q, k, v: (B*nh, T, hs)
        later = torch.full((T, T), -torch.inf, dtype=q.dtype, device=q.device).triu_(1)
        scores = torch.baddbmm(later, q, k.mT, alpha=q.shape[2] ** -0.5)  # (B*nh, T, T)
        weights = scores.softmax(dim=-1).to(v.dtype)
        ctx.save_for_backward(
            *(q, k, v, weights, cos, sin, q_weight, k_weight),
            *(q_inverse, q_unit, k_inverse, k_unit),
        )
        return _merge_heads((weights @ v).view(q_unit.shape))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, weights, cos, sin, q_weight, k_weight, *units = ctx.saved_tensors
        q_inverse, q_unit, k_inverse, k_unit = units
        scale, shape = q.shape[2] ** -0.5, q_unit.shape
        grad = split_heads(grad, shape[1]).flatten(0, 1)  # (B*nh, T, hs)
        grad_v = weights.mT @ grad
        grad_weights = grad @ v.mT
        grad_scores = torch._softmax_backward_data(grad_weights, weights, -1, weights.dtype)
        grad_q = torch.baddbmm(q, grad_scores, k, beta=0, alpha=scale).view(shape)
        grad_k = torch.baddbmm(k, grad_scores.mT, q, beta=0, alpha=scale).view(shape)
        grad_q, grad_q_weight = _before_positions(grad_q, q_weight, cos, sin, q_inverse, q_unit)
        grad_k, grad_k_weight = _before_positions(grad_k, k_weight, cos, sin, k_inverse, k_unit)
        gradients = (_merge_heads(each) for each in (grad_q, grad_k, grad_v.view(shape)))
        return *gradients, grad_q_weight, grad_k_weight, None, None


def _positions(x: Tensor, weight: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, ...]:
    """Of heads (B, nh, T, hs): 1 / rms, x / rms, and `positioned` heads as (B*nh, T, hs)."""
    inverse = _inverse_norm(x)
    unit = torch.mul(x, inverse, out=x.new_empty(x.shape))
    return inverse, unit, _turn(unit * weight, cos, sin).flatten(0, 1)


def _before_positions(
    grad: Tensor, weight: Tensor, cos: Tensor, sin: Tensor, inverse: Tensor, unit: Tensor
) -> tuple[Tensor, Tensor]:
    """The gradients of the heads and of the weight from that of the positioned heads."""
    back = _turn(grad, cos, -sin)
    grad_weight = (back * unit).sum((0, 1, 2))
    return _before_norm(back.mul_(weight), unit, inverse), grad_weight


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    out = torch.empty_like(x)
    first, second = x.chunk(2, dim=-1)
    out_first, out_second = out.chunk(2, dim=-1)
    torch.mul(first, cos, out=out_first).addcmul_(second, sin, value=-1)
    torch.mul(second, cos, out=out_second).addcmul_(first, sin)
    return out


def _merge_heads(x: Tensor) -> Tensor:
    """(B, nh, T, hs) as (B, T, C)."""
    return x.transpose(1, 2).flatten(2)


class _LinearCrossEntropy(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        kind = (x[:1] @ weight[:1].T).dtype  # that autocast computes products in
        counted = targets >= 0
        weigh = (counted / counted.sum())[:, None]  # what each row's nats count in the mean
        rows, matrix = x.to(kind), weight.to(kind)
        weighed = (rows * weigh).to(kind)
        answers = targets.clamp(min=0)[:, None]
        nats = x.new_empty(len(x), 1)
        grad_x, grad_weight = torch.empty_like(rows), torch.zeros_like(weight)
        for start in range(0, len(x), LOSS_ROWS):
            part = slice(start, start + LOSS_ROWS)
            logits = (rows[part] @ matrix.T).to(weight.dtype)
            odds = logits.softmax(dim=-1)
            # log Z from the likeliest token, whose odds are never too small for a float.
            log_z = logits.amax(1, keepdim=True) - odds.amax(1, keepdim=True).log()
            nats[part] = log_z - logits.gather(1, answers[part])
            # The gradient of a row's logits: the odds, less one at the answer.
            odds.scatter_add_(1, answers[part], -torch.ones_like(log_z))
            slope = odds.to(kind)
            grad_x[part] = slope @ matrix
            grad_weight += slope.T @ weighed[part]
        ctx.save_for_backward(grad_x * weigh, grad_weight)
        total: Tensor = (nats * weigh).sum()
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        grad_x, grad_weight = ctx.saved_tensors
        return grad_x * grad, grad_weight * grad, None

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

LOSS_ROWS = 256  # so many rows of logits at a time: 2 MB at 2,048 tokens, which a cache holds


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * weight over the last dimension; x (..., C), weight (C,)."""
    if not torch.is_grad_enabled():
        return F.rms_norm(x, weight.shape, weight, eps)
    return _apply(_RMSNorm, x.flatten(0, -2), weight, eps).view(x.shape)


def swiglu(gate: Tensor, up: Tensor) -> Tensor:
    """silu(gate) * up, all of one shape."""
    if not torch.is_grad_enabled():
        return F.silu(gate).mul_(up)
    return _apply(_SwiGLU, gate, up)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Heads of (B, T, nh, hs), turned by the angle of their position, as (B, nh, T, hs).

    Each pair (x[i], x[i + hs/2]) turns by the angle of which `cos` and `sin`, (T, hs/2) or
    (B, 1, T, hs/2), are given.
    """
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    if not torch.is_grad_enabled():
        return _turn(x.transpose(1, 2), cos, sin, _empty_heads(x))
    return _apply(_Rotate, x, cos, sin)


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(hs)) v over positions not later than one's own.

    q, k, v and the result: (B, nh, T, hs).
    """
    flat = (x.flatten(0, 1) for x in (q, k, v))
    return _apply(_CausalAttention, *flat).view(q.shape)


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
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float) -> Tensor:
        norm: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        inverse = norm.square_().div_(x.shape[-1]).add_(eps).rsqrt_()
        unit = x * inverse
        ctx.save_for_backward(unit, inverse, weight)
        return unit * weight

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        unit, inverse, weight = ctx.saved_tensors
        product = grad * unit
        grad_weight = product.sum(0)
        along = torch.mv(product, weight)[:, None].mul_(-1 / unit.shape[-1])
        return torch.addcmul(grad * weight, unit, along).mul_(inverse), grad_weight, None


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


class _Rotate(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        ctx.save_for_backward(cos, sin)
        return _turn(x.transpose(1, 2), cos, sin, _empty_heads(x))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        cos, sin = ctx.saved_tensors
        out = _empty_heads(grad)
        _turn(grad, cos, -sin, out.transpose(1, 2))
        return out, None, None


def _empty_heads(x: Tensor) -> Tensor:
    """Room for x (a, b, c, d) as (a, c, b, d)."""
    a, b, c, d = x.shape
    return x.new_empty(a, c, b, d)


def _turn(x: Tensor, cos: Tensor, sin: Tensor, out: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    out_first, out_second = out.chunk(2, dim=-1)
    torch.mul(first, cos, out=out_first).addcmul_(second, sin, value=-1)
    torch.mul(second, cos, out=out_second).addcmul_(first, sin)
    return out


class _CausalAttention(Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        T, head_size = q.shape[1:]
        ctx.scale = head_size**-0.5
        later = torch.full((T, T), -torch.inf, dtype=q.dtype, device=q.device).triu_(1)
        scores = torch.baddbmm(later, q, k.transpose(1, 2), alpha=ctx.scale)  # (B*nh, T, T)
        weights = scores.softmax(dim=-1).to(v.dtype)
        ctx.save_for_backward(q, k, v, weights)
        return weights @ v

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v, weights = ctx.saved_tensors
        grad = grad.contiguous()
        grad_v = weights.transpose(1, 2) @ grad
        grad_weights = grad @ v.transpose(1, 2)
        grad_scores = torch._softmax_backward_data(grad_weights, weights, -1, weights.dtype)
        grad_q = torch.baddbmm(q, grad_scores, k, beta=0, alpha=ctx.scale)
        grad_k = torch.baddbmm(k, grad_scores.transpose(1, 2), q, beta=0, alpha=ctx.scale)
        return grad_q, grad_k, grad_v


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

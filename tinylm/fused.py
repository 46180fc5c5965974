"""The model's large steps - attention, MLP, loss - each with its gradient written by hand.

Between their matrix products they are limited by how often they pass over memory. Autograd
remembers and revisits every intermediate result; here each function keeps what its gradient
needs and no more, and computes both in as few passes as torch has operations for. They compute
exactly what their docstrings say, in the precision of their input; tests hold them to autograd's
own gradients. What this saves: docs/decisions.md.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

NORM_EPS = 1e-6
LOSS_ROWS = 256  # so many rows of logits at a time: 2 MB at 2,048 tokens, which a cache holds


def attention_block(
    x: Tensor,
    norm: Tensor,
    matrices: tuple[Tensor, Tensor, Tensor, Tensor],
    head_norms: tuple[Tensor, Tensor],
    cos: Tensor,
    sin: Tensor,
    mask: Tensor,
) -> Tensor:
    """x + W_o softmax(q k^T / sqrt(hs) + mask) v: (B, T, C).

    q, k, v = W n with n = `rms_norm(x, norm)`, split into heads; those of q and k are then
    `positioned` with their weights, `head_norms` (hs,). `matrices` are W_q, W_k, W_v, W_o (C, C).
    `mask` (T, T) or (B * nh, T, T) is -inf where a position may not look, and 0 elsewhere.
    """
    return _apply(_AttentionBlock, x, norm, *matrices, *head_norms, cos, sin, mask)


def mlp_block(x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """x + down (silu(gate n) * up n) with n = `rms_norm(x, norm)`: (B, T, C).

    `gate` and `up` are (H, C), `down` (C, H).
    """
    return _apply(_MLPBlock, x, norm, gate, up, down)


def rms_norm(x: Tensor, weight: Tensor) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * weight over the last dimension; weight (C,)."""
    return F.rms_norm(x, weight.shape, weight.to(x.dtype), NORM_EPS)


def positioned(x: Tensor, weight: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Heads (B, nh, T, hs), each normalised and turned by the angle of its position.

    Each pair (x[i], x[i + hs/2]) turns by the angle of which `cos` and `sin`, (T, hs/2) or
    (B, 1, T, hs/2), are given.
    """
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    first, second = rms_norm(x, weight).chunk(2, dim=-1)
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


class _AttentionBlock(Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        norm: Tensor,
        wq: Tensor,
        wk: Tensor,
        wv: Tensor,
        wo: Tensor,
        q_norm: Tensor,
        k_norm: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor,
    ) -> Tensor:
        B, T, C = x.shape
        n_head, kind = C // len(q_norm), _product_kind(x, wo)
        rows = x.reshape(-1, C)  # (N, C)
        inverse, unit, normed = _normalise(rows, norm, kind)
        matrix, out = torch.cat((wq, wk, wv)).to(kind), wo.to(kind)  # (3 C, C), (C, C)
        head_norms = torch.stack((q_norm, k_norm)).to(kind)[:, None, None, None]
        cos, sin = cos.to(kind), sin.to(kind)
        heads = (normed @ matrix.T).view(B, T, 3, n_head, -1).permute(2, 0, 3, 1, 4)
        # Queries and keys in one tensor: half as many operations, each of twice the size.
        head_inverse = _inverse_norm(heads[:2])
        head_unit = torch.mul(heads[:2], head_inverse, out=heads.new_empty(heads[:2].shape))
        q, k = _turn(head_unit * head_norms, cos, sin).flatten(1, 2)
        v = heads[2].flatten(0, 1)  # q, k, v: (B*nh, T, hs)
        scores = torch.baddbmm(mask.to(kind), q, k.mT, alpha=q.shape[2] ** -0.5)  # (B*nh, T, T)
        weights = scores.softmax(dim=-1).to(kind)
        mixed = (weights @ v).view(heads.shape[1:]).transpose(1, 2).reshape(-1, C)
        ctx.save_for_backward(
            *(norm, inverse, unit, normed, matrix, out, mixed, q, k, v, weights, cos, sin),
            *(head_norms, head_inverse, head_unit),
        )
        return _added(rows, mixed, out).view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        norm, inverse, unit, normed, matrix, out, mixed, *rest = ctx.saved_tensors
        q, k, v, weights, cos, sin, head_norms, head_inverse, head_unit = rest
        (B, n_head, T, head_size), C = head_unit.shape[1:], len(norm)
        through = grad.reshape(-1, C)
        slope = through.to(out.dtype)
        grad_out = slope.T @ mixed
        grad_mixed = split_heads((slope @ out).view(B, T, C), n_head).flatten(0, 1)
        grad_weights = grad_mixed @ v.mT
        grad_scores = torch._softmax_backward_data(grad_weights, weights, -1, weights.dtype)
        scale = head_size**-0.5
        turned = torch.empty_like(head_unit)  # gradients of turned queries and keys
        to_q, to_k = turned.flatten(1, 2)
        torch.baddbmm(q, grad_scores, k, beta=0, alpha=scale, out=to_q)
        torch.baddbmm(k, grad_scores.mT, q, beta=0, alpha=scale, out=to_k)
        back = _turn(turned, cos, -sin)
        grad_head_norms = (back * head_unit).sum((1, 2, 3))
        back.mul_(head_norms)
        along = (back * head_unit).sum(-1, keepdim=True).div_(-head_size)
        grad_heads = q.new_empty(B, T, 3, n_head, head_size)
        to_heads = grad_heads.permute(2, 0, 3, 1, 4)
        torch.mul(back.addcmul_(head_unit, along), head_inverse, out=to_heads[:2])
        to_heads[2].copy_((weights.mT @ grad_mixed).view(head_unit.shape[1:]))
        grad_rows = grad_heads.view(-1, 3 * C)
        grad_matrix = (grad_rows.T @ normed).to(norm.dtype)
        grad_x, grad_norm = _before_normalise(grad_rows @ matrix, norm, inverse, unit, through)
        matrices = (*grad_matrix.chunk(3), grad_out.to(norm.dtype))
        grad_norms = (grad_norm, *matrices, *grad_head_norms.to(norm.dtype))
        return grad_x.view(grad.shape), *grad_norms, None, None, None


class _MLPBlock(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, down: Tensor
    ) -> Tensor:
        kind = _product_kind(x, gate)
        rows = x.reshape(-1, x.shape[-1])  # (N, C)
        inverse, unit, normed = _normalise(rows, norm, kind)
        gate, up, down = gate.to(kind), up.to(kind), down.to(kind)
        gated, raised = normed @ gate.T, normed @ up.T  # (N, H)
        opened = F.silu(gated)
        hidden = opened * raised
        ctx.save_for_backward(
            *(norm, inverse, unit, normed, gate, up, down, gated, raised, opened, hidden)
        )
        return _added(rows, hidden, down).view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        norm, inverse, unit, normed, gate, up, down, *rest = ctx.saved_tensors
        gated, raised, opened, hidden = rest
        through = grad.reshape(-1, len(norm))
        slope = through.to(down.dtype)
        grad_down = slope.T @ hidden
        grad_hidden = slope @ down
        grad_raised = grad_hidden * opened
        grad_gated = grad_hidden.mul_(raised)
        torch.ops.aten.silu_backward.grad_input(grad_gated, gated, grad_input=grad_gated)
        grad_gate, grad_up = grad_gated.T @ normed, grad_raised.T @ normed
        grad_normed = (grad_gated @ gate).addmm_(grad_raised, up)
        grad_x, grad_norm = _before_normalise(grad_normed, norm, inverse, unit, through)
        matrices = (each.to(norm.dtype) for each in (grad_gate, grad_up, grad_down))
        return grad_x.view(grad.shape), grad_norm, *matrices


def _product_kind(x: Tensor, matrix: Tensor) -> torch.dtype:
    """In what precision a product of the two is computed here: autocast may have a say."""
    return (x.reshape(-1, x.shape[-1])[:1] @ matrix[:1].T).dtype


def _added(rows: Tensor, hidden: Tensor, matrix: Tensor) -> Tensor:
    """rows (N, C) + hidden matrix^T, in the precision of `rows`."""
    if hidden.dtype == rows.dtype:
        return torch.addmm(rows, hidden, matrix.T)
    return rows + hidden @ matrix.T


def _inverse_norm(x: Tensor) -> Tensor:
    """1 / sqrt(mean(x^2) + eps): (..., 1)."""
    norm: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return norm.square_().div_(x.shape[-1]).add_(NORM_EPS).rsqrt_()


def _normalise(rows: Tensor, weight: Tensor, kind: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """Of rows (N, C): 1 / rms, rows / rms, and `rms_norm` in the precision of products."""
    inverse = _inverse_norm(rows)
    unit = rows * inverse
    return inverse, unit, (unit * weight).to(kind)


def _before_normalise(
    grad: Tensor, weight: Tensor, inverse: Tensor, unit: Tensor, through: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients of the rows, that `through` the residual included, and of the weight."""
    grad = grad.to(unit.dtype)
    product = grad * unit
    along = torch.mv(product, weight)[:, None].div_(-unit.shape[-1])
    before = torch.addcmul(grad.mul_(weight), unit, along)
    return torch.addcmul(through, before, inverse), product.sum(0)


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    out = torch.empty_like(x)
    first, second = x.chunk(2, dim=-1)
    out_first, out_second = out.chunk(2, dim=-1)
    torch.mul(first, cos, out=out_first).addcmul_(second, sin, value=-1)
    torch.mul(second, cos, out=out_second).addcmul_(first, sin)
    return out


class _LinearCrossEntropy(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        kind = _product_kind(x, weight)
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
            torch.mm(slope, matrix, out=grad_x[part])
            if kind == weight.dtype:
                grad_weight.addmm_(slope.T, weighed[part])  # adds without a pass of its own
            else:
                grad_weight += slope.T @ weighed[part]
        ctx.save_for_backward(grad_x * weigh, grad_weight)
        total: Tensor = (nats * weigh).sum()
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        grad_x, grad_weight = ctx.saved_tensors
        return grad_x * grad, grad_weight * grad, None

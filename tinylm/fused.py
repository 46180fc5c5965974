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
NO_WEIGHT = 1e-20  # instead of a weight of 0: too little to change a sum, enough to divide by
LOSS_BYTES = 2 << 20  # so many bytes of logits at a time: a cache holds them


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
    `mask` (T, T) or (B, nh or 1, T, T) is -inf where a position may not look, and 0 elsewhere.
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
    time, so that the logits (N, V) are never in memory together. A target whose odds no float
    can hold counts as the smallest that one can (87 nats); its gradient is exact.
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
        inverse, unit = _unit(rows, kind)
        weights, out = torch.cat((wq, wk, wv)), wo.to(kind)  # (3 C, C), (C, C)
        matrix = (weights * norm).to(kind)  # the norm's weight costs no pass over the rows
        heads = (unit @ matrix.T).view(B, T, 3, n_head, -1).permute(2, 0, 3, 1, 4)
        # Queries and keys in one tensor: half as many operations, each of twice the size.
        head_inverse = _inverse_norm(heads[:2])
        head_unit = torch.mul(heads[:2], head_inverse, out=heads.new_empty(heads[:2].shape))
        # Nor do the weights of their norms and the scale of the scores, in the tables of angles.
        head_norms = torch.stack((q_norm * len(q_norm) ** -0.5, k_norm))[:, None, None, None]
        head_norms = torch.where(
            head_norms == 0, NO_WEIGHT, head_norms
        )  # the gradient divides by it
        tables = tuple(table.to(kind) for table in _turns(head_norms, cos, sin))
        q, k = _turn(head_unit, *tables).flatten(1, 2)
        v = heads[2].flatten(0, 1)  # q, k, v: (B*nh, T, hs)
        scores = q @ k.mT  # (B*nh, T, T)
        scores.view(B, n_head, T, T).add_(mask.to(kind))
        shares = torch.ops.aten._softmax.out(scores, -1, False, out=scores)
        mixed = (shares @ v).view(heads.shape[1:]).transpose(1, 2).reshape(-1, C)
        ctx.save_for_backward(
            *(norm, inverse, unit, weights, matrix, out, mixed, q, k, v, shares),
            *(head_norms, head_inverse, head_unit, *tables),
        )
        return _added(rows, mixed, out).view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        norm, inverse, unit, weights, matrix, out, mixed, *rest = ctx.saved_tensors
        q, k, v, shares, head_norms, head_inverse, head_unit, *tables = rest
        (B, n_head, T, head_size), C = head_unit.shape[1:], len(norm)
        through = grad.reshape(-1, C)
        slope = through.to(out.dtype)
        grad_out = slope.T @ mixed
        grad_mixed = split_heads((slope @ out).view(B, T, C), n_head).flatten(0, 1)
        grad_scores = grad_mixed @ v.mT
        torch.ops.aten._softmax_backward_data.out(
            grad_scores, shares, -1, shares.dtype, grad_input=grad_scores
        )
        turned = torch.empty_like(head_unit)  # gradients of turned queries and keys
        to_q, to_k = turned.flatten(1, 2)
        torch.bmm(grad_scores, k, out=to_q)
        torch.bmm(grad_scores.mT, q, out=to_k)
        back = _turn_back(turned, *tables)
        product = back * head_unit
        # `back` holds the norms' weights as factors already.
        grad_head_norms = product.sum((1, 2, 3)).to(norm.dtype) / head_norms.flatten(1)
        along = product.sum(-1, keepdim=True).div_(-head_size)
        grad_heads = q.new_empty(B, T, 3, n_head, head_size)
        to_heads = grad_heads.permute(2, 0, 3, 1, 4)
        torch.mul(back.addcmul_(head_unit, along), head_inverse, out=to_heads[:2])
        to_heads[2].copy_((shares.mT @ grad_mixed).view(head_unit.shape[1:]))
        grad_rows = grad_heads.view(-1, 3 * C)
        grad_matrix = (grad_rows.T @ unit).to(norm.dtype)
        grad_norm = (grad_matrix * weights).sum(0)
        grad_x = _before_unit(grad_rows @ matrix, inverse, unit, through)
        matrices = (*grad_matrix.mul_(norm).chunk(3), grad_out.to(norm.dtype))
        grad_q_norm, grad_k_norm = grad_head_norms
        grad_norms = (grad_norm, *matrices, grad_q_norm * head_size**-0.5, grad_k_norm)
        return grad_x.view(grad.shape), *grad_norms, None, None, None


class _MLPBlock(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, down: Tensor
    ) -> Tensor:
        kind = _product_kind(x, gate)
        rows = x.reshape(-1, x.shape[-1])  # (N, C)
        inverse, unit = _unit(rows, kind)
        weights, down = torch.cat((gate, up)), down.to(kind)
        matrices = (weights * norm).to(kind)
        normed_gate, normed_up = matrices.chunk(2)
        gated, raised = unit @ normed_gate.T, unit @ normed_up.T  # (N, H)
        opened = F.silu(gated)
        hidden = opened * raised
        ctx.save_for_backward(
            *(norm, inverse, unit, weights, matrices, down, gated, raised, opened, hidden)
        )
        return _added(rows, hidden, down).view(x.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        norm, inverse, unit, weights, matrices, down, *rest = ctx.saved_tensors
        gated, raised, opened, hidden = rest
        through = grad.reshape(-1, len(norm))
        slope = through.to(down.dtype)
        grad_down = (slope.T @ hidden).to(norm.dtype)
        grad_hidden = slope @ down
        grad_raised = grad_hidden * opened
        grad_gated = grad_hidden.mul_(raised)
        torch.ops.aten.silu_backward.grad_input(grad_gated, gated, grad_input=grad_gated)
        gate, up = matrices.chunk(2)
        grad_weights = torch.empty_like(matrices)
        grad_gate, grad_up = grad_weights.chunk(2)
        torch.mm(grad_gated.T, unit, out=grad_gate)
        torch.mm(grad_raised.T, unit, out=grad_up)
        grad_unit = (grad_gated @ gate).addmm_(grad_raised, up)
        grad_x = _before_unit(grad_unit, inverse, unit, through)
        grad_weights = grad_weights.to(norm.dtype)
        grad_norm = (grad_weights * weights).sum(0)
        return grad_x.view(grad.shape), grad_norm, *grad_weights.mul_(norm).chunk(2), grad_down


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


def _unit(rows: Tensor, kind: torch.dtype) -> tuple[Tensor, Tensor]:
    """Of rows (N, C): 1 / rms, and rows / rms in the precision of products."""
    inverse = _inverse_norm(rows)
    return inverse, (rows * inverse).to(kind)


def _before_unit(grad: Tensor, inverse: Tensor, unit: Tensor, through: Tensor) -> Tensor:
    """The gradient of rows from that of `_unit`'s, and that `through` the residual added."""
    along = (grad * unit).sum(-1, keepdim=True).div_(-unit.shape[-1])
    return torch.addcmul(through, grad.addcmul_(unit, along).to(through.dtype), inverse)


def _nats(odds: Tensor, others: Tensor) -> Tensor:
    """-log(odds), from the sum of the `others` where that is the smaller and so the exacter."""
    least = torch.finfo(odds.dtype).tiny
    return torch.where(odds < 0.5, -odds.clamp(min=least).log(), -torch.log1p(-others))


def _turns(weights: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, ...]:
    """What `_turn` multiplies with, so that x is multiplied by `weights` (..., hs) first."""
    first, second = weights.chunk(2, dim=-1)
    return first * cos, second * sin, second * cos, first * sin


def _turn(x: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    """(x1, x2) -> (x1 a - x2 b, x2 c + x1 d), halves of the last dimension."""
    out = torch.empty_like(x)
    first, second = x.chunk(2, dim=-1)
    out_first, out_second = out.chunk(2, dim=-1)
    torch.mul(first, a, out=out_first).addcmul_(second, b, value=-1)
    torch.mul(second, c, out=out_second).addcmul_(first, d)
    return out


def _turn_back(grad: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    """The gradient of x from that of `_turn(x, a, b, c, d)`."""
    return _turn(grad, a, -d, c, -b)


class _LinearCrossEntropy(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        kind = _product_kind(x, weight)
        counted = targets >= 0
        weigh = (counted / counted.sum())[:, None]  # what each row's nats count in the mean
        rows, matrix = x.to(kind), weight.to(kind)
        weighed = (rows * weigh).to(kind)
        answers = targets.clamp(min=0)[:, None]
        step = max(1, LOSS_BYTES // (len(weight) * rows.element_size()))
        numbers, nothing = torch.arange(step, device=x.device), rows.new_zeros(())
        odds_of_answers = rows.new_empty(len(x), 1)
        others = torch.empty_like(odds_of_answers)  # the sum of all other odds
        grad_x, grad_weight = torch.empty_like(rows), torch.zeros_like(weight)
        for start in range(0, len(x), step):
            part = slice(start, start + step)
            odds = rows[part] @ matrix.T
            torch.ops.aten._softmax.out(odds, -1, False, out=odds)
            torch.gather(odds, 1, answers[part], out=odds_of_answers[part])
            # scatter_ would copy all odds to change one in each row.
            place = (numbers[: len(odds)], answers[part, 0])
            # The gradient of a row's logits: the odds, less one at the answer. That one is minus
            # the sum of the others, which bf16 holds where it cannot tell 0.999 from 1.
            odds.index_put_(place, nothing)
            torch.sum(odds, 1, keepdim=True, out=others[part])
            odds.index_put_(place, -others[part, 0])
            torch.mm(odds, matrix, out=grad_x[part])
            if kind == weight.dtype:
                grad_weight.addmm_(odds.T, weighed[part])  # adds without a pass of its own
            else:
                grad_weight += odds.T @ weighed[part]
        nats = _nats(odds_of_answers.to(weight.dtype), others.to(weight.dtype))
        ctx.save_for_backward(grad_x * weigh, grad_weight)
        total: Tensor = (nats * weigh).sum()
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        grad_x, grad_weight = ctx.saved_tensors
        return grad_x.mul_(grad), grad_weight.mul_(grad), None

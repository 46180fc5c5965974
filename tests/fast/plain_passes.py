"""The passes of `tinylm/fast/passes.py` in torch's operations, of any precision: the reference."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.model.gpt import NORM_EPS, rotated
from tinylm.training.optimizer import directions, joint_norm, move

__all__ = ["directions", "joint_norm", "move"]


def added(rows: Tensor, hidden: Tensor, matrix: Tensor) -> Tensor:
    return rows + hidden @ matrix.T


def product_added(total: Tensor | None, a: Tensor, b: Tensor, kind: torch.dtype) -> Tensor:
    product = (a @ b).to(kind)
    return product if total is None else total.add_(product)


def normed(rows: Tensor, weights: Tensor, kind: torch.dtype) -> tuple[Tensor, Tensor]:
    inverse = _inverse_norm(rows)
    return inverse[:, 0], (rows * inverse * weights).to(kind)


def normed_back(
    grad: Tensor, rows: Tensor, weights: Tensor, inverse: Tensor, through: Tensor
) -> tuple[Tensor, Tensor]:
    units, grad = rows * inverse[:, None], grad.to(weights.dtype)
    change = grad * weights
    along = (change * units).sum(-1, keepdim=True).div_(-len(weights))
    to_rows = torch.addcmul(through, change.addcmul_(units, along), inverse[:, None])
    return to_rows, (grad * units).sum(0)


def gated(both: Tensor) -> Tensor:
    return F.silu(both[:, 0]) * both[:, 1]


def gated_back(grad: Tensor, both: Tensor) -> Tensor:
    out = torch.empty_like(both)
    gate, up = both.unbind(1)
    torch.mul(grad, F.silu(gate), out=out[:, 1])
    torch.ops.aten.silu_backward.grad_input(grad * up, gate, grad_input=out[:, 0])
    return out


def turned(heads: Tensor, norms: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    B = len(heads) // len(cos)
    x = heads[:, :2].to(norms.dtype)
    inverse = _inverse_norm(x)
    x = rotated(_by_head(x * inverse * norms[:, None], B), cos, sin)
    return x.to(heads.dtype), _by_head(heads[:, 2:], B)[0], inverse[..., 0]


def turned_back(
    grad: Tensor,
    grad_values: Tensor,
    heads: Tensor,
    inverse: Tensor,
    norms: Tensor,
    cos: Tensor,
    sin: Tensor,
) -> tuple[Tensor, Tensor]:
    N, _, n_head, size = heads.shape
    out = torch.empty_like(heads)
    back = rotated(grad.to(norms.dtype), cos, -sin).view(2, -1, n_head, len(cos), size)
    back = back.permute(1, 3, 0, 2, 4).reshape(N, 2, n_head, size)
    units = heads[:, :2] * inverse[..., None]
    to_norms = (back * units).sum((0, 2))
    back *= norms[:, None]
    along = (back * units).sum(-1, keepdim=True).div_(-size)
    out[:, :2] = back.addcmul_(units, along) * inverse[..., None]
    by_token = grad_values.view(-1, n_head, len(cos), size).transpose(1, 2)
    out[:, 2].copy_(by_token.reshape(N, n_head, size))
    return out, to_norms


def attended(scores: Tensor, first: Tensor) -> Tensor:
    place = torch.arange(scores.shape[-1])
    hidden = (place > place[:, None]) | (place < first[..., None])  # (B, T, T)
    scores.view(len(first), -1, *scores.shape[1:]).masked_fill_(hidden[:, None], -torch.inf)
    return scores.softmax(-1)


def attended_back(grad: Tensor, shares: Tensor) -> Tensor:
    slopes: Tensor = torch.ops.aten._softmax_backward_data(grad, shares, -1, shares.dtype)
    return slopes


def add_rows(total: Tensor, ids: Tensor, rows: Tensor) -> None:
    total += torch.ops.aten.embedding_dense_backward(rows, ids, len(total), -1, False)


def slopes(logits: Tensor, answers: Tensor, weights: Tensor) -> Tensor:
    rows, wide = torch.arange(len(logits)), logits.to(weights.dtype)
    nats = wide.logsumexp(1) - wide[rows, answers]
    odds = wide.softmax(1).index_put_((rows, answers), wide.new_zeros(()))
    others = odds.sum(1)
    # Where the answer is nearly sure, the difference of two large numbers would be all noise.
    nats = torch.where(others < 0.5, -torch.log1p(-others), nats)
    logits.copy_(odds.index_put_((rows, answers), -others).mul_(weights[:, None]))
    return torch.where(weights > 0, nats * weights, weights)


def _inverse_norm(x: Tensor) -> Tensor:
    """1 / sqrt(mean(x^2) + eps): (..., 1)."""
    return x.square().mean(-1, keepdim=True).add(NORM_EPS).rsqrt()


def _by_head(x: Tensor, B: int) -> Tensor:
    """(N, k, nh, hs) as (k, B nh, T, hs)."""
    N, k, n_head, size = x.shape
    return x.view(B, N // B, k, n_head, size).permute(2, 0, 3, 1, 4).reshape(k, -1, N // B, size)

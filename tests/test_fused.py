"""Every fused step equals its formula in plain torch, and so does its gradient."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tinylm.fused import (
    LOSS_ROWS,
    causal_attention,
    linear_cross_entropy,
    rms_norm,
    rotate,
    swiglu,
)
from tinylm.model import rotary_tables


def plain_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def plain_rotation(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """As Hugging Face's Llama writes it."""
    cos, sin = torch.cat((cos, cos), -1), torch.cat((sin, sin), -1)
    first, second = x.transpose(1, 2).chunk(2, dim=-1)
    return x.transpose(1, 2) * cos + torch.cat((-second, first), dim=-1) * sin


def plain_loss(x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(x @ weight.T, targets, ignore_index=-100)


def numbers(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed + sum(shape))
    return torch.randn(shape, dtype=torch.float64, generator=generator, requires_grad=True)


def targets(count: int, vocab_size: int, ignored: float) -> Tensor:
    generator = torch.Generator().manual_seed(count)
    chosen = torch.randint(0, vocab_size, (count,), generator=generator)
    chosen[torch.rand(count, generator=generator) < ignored] = -100
    return chosen


HEADS = (2, 3, 7, 4)  # B, nh, T, hs
CASES = {
    "rms_norm": (
        lambda x, w: rms_norm(x, w, 1e-6),
        lambda x, w: F.rms_norm(x, (8,), w, 1e-6),
        (numbers(2, 5, 8), numbers(8)),
    ),
    "swiglu": (swiglu, lambda g, u: F.silu(g) * u, (numbers(6, 5), numbers(6, 5, seed=1))),
    "rotate": (
        lambda x: rotate(x, *rotary_tables(7, 4)),
        lambda x: plain_rotation(x, *(t.double() for t in rotary_tables(7, 4))),
        (numbers(2, 7, 3, 4),),
    ),
    "causal_attention": (
        causal_attention,
        plain_attention,
        tuple(numbers(*HEADS, seed=i) for i in range(3)),
    ),
    "linear_cross_entropy": (
        lambda x, w: linear_cross_entropy(x, w, targets(9, 11, 0.0)),
        lambda x, w: plain_loss(x, w, targets(9, 11, 0.0)),
        (numbers(9, 4), numbers(11, 4)),
    ),
    "linear_cross_entropy, some targets ignored, several parts": (
        lambda x, w: linear_cross_entropy(x, w, targets(2 * LOSS_ROWS + 3, 5, 0.4)),
        lambda x, w: plain_loss(x, w, targets(2 * LOSS_ROWS + 3, 5, 0.4)),
        (numbers(2 * LOSS_ROWS + 3, 4), numbers(5, 4)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_the_formula(name: str) -> None:
    fused, plain, inputs = CASES[name]
    ours, theirs = fused(*inputs), plain(*inputs)
    assert torch.allclose(ours, theirs, atol=1e-12)
    slope = numbers(*ours.shape, seed=9).detach()
    pairs = zip(
        torch.autograd.grad(ours, inputs, slope),
        torch.autograd.grad(theirs, inputs, slope),
        strict=True,
    )
    for our_gradient, their_gradient in pairs:
        assert torch.allclose(our_gradient, their_gradient, atol=1e-12)


def test_a_loss_too_large_for_the_odds_is_still_exact() -> None:
    x, weight = torch.tensor([[1.0]]), torch.tensor([[0.0], [500.0]])
    assert linear_cross_entropy(x, weight, torch.tensor([0])).item() == 500.0


@pytest.mark.parametrize("fused, plain, inputs", CASES.values(), ids=list(CASES))
def test_bf16_differs_by_rounding_only(
    fused: Callable[..., Tensor], plain: Callable[..., Tensor], inputs: tuple[Tensor, ...]
) -> None:
    exact = torch.autograd.grad(plain(*inputs).square().sum(), inputs)
    rounded = tuple(x.detach().bfloat16().requires_grad_() for x in inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = fused(*rounded).float().square().sum()
    for ours, theirs in zip(torch.autograd.grad(loss, rounded), exact, strict=True):
        assert (ours.double() - theirs).norm() < 0.05 * theirs.norm()

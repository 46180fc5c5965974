"""Every fused step equals its formula in plain torch, and so does its gradient."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.fast import plain_passes
from tinylm.fast import fused
from tinylm.fast.fused import LOSS_BYTES, attention_block, linear_cross_entropy, mlp_block
from tinylm.model.gpt import NORM_EPS, RMSNorm, rotary_tables, rotated


@pytest.fixture
def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passes in torch's operations, which know float64."""
    monkeypatch.setattr(fused, "passes", plain_passes)


def plain_norm(x: Tensor, weight: Tensor | None = None) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], weight, NORM_EPS)


def plain_positions(x: Tensor, weight: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """As Hugging Face's Qwen3 writes it."""
    cos, sin = torch.cat((cos, cos), -1), torch.cat((sin, sin), -1)
    x = plain_norm(x, weight)
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def plain_attention(
    x: Tensor, norm: Tensor, wq: Tensor, wk: Tensor, wv: Tensor, wo: Tensor, *weights: Tensor
) -> Tensor:
    normed = plain_norm(x, norm)
    heads = ((normed @ w.T).unflatten(2, (3, -1)) for w in (wq, wk, wv))
    q, k, v = (each.transpose(1, 2) for each in heads)
    q, k = (plain_positions(each, w, *TABLES) for each, w in zip((q, k), weights, strict=True))
    mixed = F.scaled_dot_product_attention(q, k, v, SEEN)
    return x + mixed.transpose(1, 2).flatten(2) @ wo.T


def fused_attention(x: Tensor, norm: Tensor, *weights: Tensor) -> Tensor:
    wq, wk, wv, wo, q_norm, k_norm = weights
    tables = (table.to(x.dtype) for table in TABLES)
    return attention_block(x, norm, (wq, wk, wv, wo), (q_norm, k_norm), *tables, FIRST)


def plain_mlp(x: Tensor, norm: Tensor, gate: Tensor, up: Tensor, down: Tensor) -> Tensor:
    normed = plain_norm(x, norm)
    return x + (F.silu(normed @ gate.T) * (normed @ up.T)) @ down.T


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


# In float64 cos^2 + sin^2 is 1 as exactly as the comparisons below.
ANGLES = torch.atan2(*reversed([table.double() for table in rotary_tables(7, 4)]))
TABLES = (ANGLES.cos(), ANGLES.sin())
# In one row there are three documents, in the other is one.
FIRST = torch.tensor([[0, 0, 2, 2, 2, 5, 5], [0, 0, 0, 0, 0, 0, 0]])
SEEN = (torch.arange(7) >= FIRST[:, :, None]).tril()[:, None]
SEVERAL_PARTS = 2 * LOSS_BYTES // (512 * 8) + 3  # rows of 512 logits in float64
CASES = {
    "attention_block": (
        fused_attention,
        plain_attention,
        (
            *(numbers(2, 7, 12), numbers(12)),
            *(numbers(12, 12, seed=i) for i in range(4)),
            *(numbers(4), numbers(4, seed=1)),
        ),
    ),
    "mlp_block": (
        mlp_block,
        plain_mlp,
        (numbers(2, 5, 8), numbers(8), numbers(6, 8), numbers(6, 8, seed=1), numbers(8, 6)),
    ),
    "linear_cross_entropy": (
        lambda x, w: linear_cross_entropy(x, w, targets(9, 11, 0.0)),
        lambda x, w: plain_loss(x, w, targets(9, 11, 0.0)),
        (numbers(9, 4), numbers(11, 4)),
    ),
    "linear_cross_entropy, some targets ignored, several parts": (
        lambda x, w: linear_cross_entropy(x, w, targets(SEVERAL_PARTS, 512, 0.4)),
        lambda x, w: plain_loss(x, w, targets(SEVERAL_PARTS, 512, 0.4)),
        (numbers(SEVERAL_PARTS, 4), numbers(512, 4)),
    ),
}


@pytest.mark.usefixtures("_exact")
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_the_formula(name: str) -> None:
    step, plain, inputs = CASES[name]
    ours, theirs = step(*inputs), plain(*inputs)
    assert torch.allclose(ours, theirs, atol=1e-12)
    slope = numbers(*ours.shape, seed=9).detach()
    pairs = zip(
        torch.autograd.grad(ours, inputs, slope),
        torch.autograd.grad(theirs, inputs, slope),
        strict=True,
    )
    for our_gradient, their_gradient in pairs:
        assert torch.allclose(our_gradient, their_gradient, atol=1e-12)


@pytest.mark.usefixtures("_exact")
def test_a_head_norms_weight_of_zero_has_its_gradient() -> None:
    inputs = [each.detach().clone() for each in CASES["attention_block"][2]]
    inputs[-2][1] = inputs[-1][2] = 0.0  # of a query's and a key's norm
    gradients = []
    for attention in (fused_attention, plain_attention):
        leaves = [each.clone().requires_grad_() for each in inputs]
        gradients.append(torch.autograd.grad(attention(*leaves).square().sum(), leaves))
    for ours, theirs in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-9)
    assert gradients[0][-2][1] != 0


def test_positioned_heads_are_those_of_the_formula() -> None:
    x, weight = numbers(2, 3, 7, 4).detach(), numbers(4).detach()
    norm = RMSNorm(4)
    norm.weight.data = weight
    ours, plain = rotated(norm(x), *TABLES), plain_positions(x, weight, *TABLES)
    assert torch.allclose(ours, plain, atol=1e-12)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_odds_too_small_for_a_float_have_their_loss_and_gradient(
    kind: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == torch.float64:
        monkeypatch.setattr(fused, "passes", plain_passes)
    x = torch.tensor([[1.0]], dtype=kind, requires_grad=True)
    loss = linear_cross_entropy(x, torch.tensor([[0.0], [500.0]], dtype=kind), torch.tensor([0]))
    loss.backward()
    assert loss.item() == 500.0
    assert x.grad == 500.0


def test_bf16_learns_from_tokens_it_is_nearly_sure_of() -> None:
    x = torch.tensor([[7.0]], dtype=torch.bfloat16, requires_grad=True)  # odds of 0.9991
    weight = torch.tensor([[1.0], [0.0]], dtype=torch.bfloat16)
    linear_cross_entropy(x, weight, torch.tensor([0])).backward()
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(-1 / (1 + math.e**7), rel=0.01)


def test_a_loss_that_is_no_number_stays_none() -> None:
    x, weight = torch.tensor([[math.inf]]), torch.tensor([[0.0], [1.0]])
    assert linear_cross_entropy(x, weight, torch.tensor([0])).isnan()


@pytest.mark.parametrize("kind, rounding", [(torch.float32, 1e-5), (torch.bfloat16, 0.05)])
@pytest.mark.parametrize("step, plain, inputs", CASES.values(), ids=list(CASES))
def test_lower_precisions_differ_by_rounding_only(
    step: Callable[..., Tensor],
    plain: Callable[..., Tensor],
    inputs: tuple[Tensor, ...],
    kind: torch.dtype,
    rounding: float,
) -> None:
    """The loops that are compiled know these two."""
    result = plain(*inputs)
    slope = numbers(*result.shape, seed=9).detach()
    exact = torch.autograd.grad(result, inputs, slope)
    rounded = tuple(x.detach().to(kind).requires_grad_() for x in inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=kind == torch.bfloat16):
        value = step(*rounded)
        loss = (value.float() * slope.float()).sum()
    if kind == torch.float32:
        assert torch.allclose(value.double(), result, rtol=1e-5, atol=1e-5)
    assert (value.double() - result).norm() < rounding * result.norm()
    for ours, theirs in zip(torch.autograd.grad(loss, rounded), exact, strict=True):
        assert (ours.double() - theirs).norm() < rounding * theirs.norm()

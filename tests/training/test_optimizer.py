"""Updates agree with the reference, matrices come out orthogonal, the schedule has its shape."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from tests import tiny
from tinylm.config import TrainConfig
from tinylm.training.optimizer import ADAM_BETAS, Optimizer, learning_rate_factor, orthogonalise


def fill_gradients(model: nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        gradient = torch.randn(parameter.shape, generator=generator)
        if parameter.grad is None:
            parameter.grad = gradient
        else:
            parameter.grad.copy_(gradient)


def test_without_muon_it_is_torchs_adamw() -> None:
    ours, theirs = tiny.model(), copy.deepcopy(tiny.model())
    config = TrainConfig(learning_rate=3e-3, muon_lr=0.0, weight_decay=0.1)
    optimizer = Optimizer(ours, config)
    reference = torch.optim.AdamW(
        theirs.parameters(), lr=3e-3, betas=ADAM_BETAS, eps=1e-8, weight_decay=0.1
    )
    for seed in range(3):
        fill_gradients(ours, seed)
        fill_gradients(theirs, seed)
        optimizer.step(1.0)
        reference.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def units(matrices: torch.Tensor) -> torch.Tensor:
    return matrices / (torch.linalg.matrix_norm(matrices, keepdim=True) * 1.01)


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 16, 48)])
def test_muons_update_is_nearly_orthogonal(shape: tuple[int, int, int]) -> None:
    """All but singular values that are very small come out near 1."""
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0)).double()
    u, values, v = torch.linalg.svd(matrices, full_matrices=False)
    mapped = u.mT @ orthogonalise(units(matrices)) @ v.mT  # the same directions: a diagonal
    ours = mapped.diagonal(dim1=1, dim2=2)
    assert torch.allclose(mapped, torch.diag_embed(ours), atol=1e-6)
    large = values / torch.linalg.matrix_norm(matrices)[:, None] > 0.02
    assert large.float().mean() > 0.9
    assert ours[large].min() > 0.4
    assert ours.max() < 2.2
    assert ours.min() > 0


def test_muons_update_keeps_the_directions() -> None:
    matrix = torch.randn(1, 16, 16, generator=torch.Generator().manual_seed(0))
    u, _, v = torch.linalg.svd(matrix)
    nearest = u @ v
    update = orthogonalise(units(matrix))
    cosine = (update * nearest).sum() / (update.norm() * nearest.norm())
    assert cosine > 0.85


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 16, 48)])
def test_muons_update_in_bf16_differs_by_rounding_only(shape: tuple[int, int, int]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    exact = orthogonalise(units(matrices))
    assert (orthogonalise(units(matrices).bfloat16()) - exact).norm() < 0.05 * exact.norm()


def test_muon_moves_tall_matrices_as_wide_ones_but_further() -> None:
    tall, wide = torch.nn.Linear(16, 48, bias=False), torch.nn.Linear(48, 16, bias=False)
    model = torch.nn.ModuleDict({"blocks": torch.nn.ModuleList([tall, wide])})
    before = [p.detach().clone() for p in (tall.weight, wide.weight)]
    optimizer = Optimizer(model, TrainConfig(muon_lr=0.1, weight_decay=0))
    fill_gradients(model, 0)
    gradients = [p.grad.clone() for p in (tall.weight, wide.weight)]
    optimizer.step(1.0)
    moved = [a - p.detach() for a, p in zip(before, (tall.weight, wide.weight), strict=True)]
    further = 0.1 * 3**0.5 * orthogonalise(units(gradients[0].mT[None]))[0].mT
    assert torch.allclose(moved[0], further, atol=1e-5)
    assert torch.allclose(moved[1], 0.1 * orthogonalise(units(gradients[1][None]))[0], atol=1e-5)


def test_every_parameter_is_moved_by_exactly_one_group() -> None:
    model = tiny.model()
    optimizer = Optimizer(model, TrainConfig())
    assert sum(group.value.numel() for group in optimizer.groups) == model.num_parameters
    before = [p.detach().clone() for p in model.parameters()]
    fill_gradients(model, 0)
    optimizer.step(1.0)
    assert all(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_clipping_scales_the_joint_norm_and_reports_the_one_before() -> None:
    model = tiny.model()
    optimizer = Optimizer(model, TrainConfig())
    fill_gradients(model, 0)
    expected = float(torch.cat([p.grad.flatten() for p in model.parameters()]).norm())
    assert optimizer.clip_gradient(0.5) == pytest.approx(expected, rel=1e-5)
    assert optimizer.clip_gradient(0) == pytest.approx(0.5, rel=1e-4)


def test_the_learning_rate_rises_stays_and_falls_to_nearly_nothing() -> None:
    config = TrainConfig(steps=100, warmup=0.1, cooldown=0.4)
    factors = [learning_rate_factor(step, config) for step in range(100)]
    assert factors[:10] == sorted(factors[:10])
    assert factors[10:59] == [1.0] * 49
    assert factors[60:] == sorted(factors[60:], reverse=True)
    assert 0 < factors[-1] < 0.05


def test_the_schedule_of_a_single_step_is_positive() -> None:
    assert learning_rate_factor(0, TrainConfig(steps=1)) > 0


def test_a_state_that_is_taken_over_continues_alike() -> None:
    first, second = tiny.model(), tiny.model()
    a, b = Optimizer(first, TrainConfig()), Optimizer(second, TrainConfig())
    fill_gradients(first, 0)
    a.step(1.0)
    with torch.no_grad():
        for p, q in zip(first.parameters(), second.parameters(), strict=True):
            q.copy_(p)
    b.load_state_dict(a.state_dict())
    for model, optimizer in ((first, a), (second, b)):
        fill_gradients(model, 1)
        optimizer.step(0.5)
    assert all(
        torch.equal(p, q) for p, q in zip(first.parameters(), second.parameters(), strict=True)
    )
